import { instantiateSync } from "@assemblyscript/loader";
import { coreBytes } from "../../build/core-bytes.ts";
import { outOfMemory } from "../bytes.ts";
import { failureName, reasonOf, StorageError } from "../errors.ts";

/** assembly/index.ts as JavaScript sees it: u32 results come back signed. */
export type CoreExports = {
	readonly memory: WebAssembly.Memory;
	heapBase(): number;
	resultAddress(): number;
	crc32c(address: number, length: number, crc: number): number;
	crc32(address: number, length: number, crc: number): number;
	encodeHeader(address: number, version: number): void;
	parseHeader(
		address: number,
		length: number,
		low: number,
		high: number,
	): number;
	sealPages(
		address: number,
		pageSize: number,
		count: number,
		lastLength: number,
		keptSlot: number,
	): void;
	validatePage(address: number, pageSize: number): number;
	validateRun(address: number, pageSize: number, count: number): number;
	lastValidPage(address: number, pageSize: number, count: number): number;
	isTornPage(page: number, pageSize: number, sectorOffset: number): number;
	isTruncatedPage(page: number, pageSize: number, sectorOffset: number): number;
	claimsAll(page: number, pageSize: number): number;
	lastAfterSync(address: number, pageSize: number, count: number): number;
	planWrite(
		pageSize: number,
		keptSlot: number,
		committed: number,
		pages: number,
	): number;
	stageShrink(address: number, pageSize: number, length: number): number;
	slotAtRisk(
		address: number,
		pageSize: number,
		slot: number,
		sectorOffset: number,
	): number;
	retiredLength(address: number, pageSize: number, slot: number): number;
	sealValue(address: number, length: number, crc: number): void;
	checkValue(address: number, length: number, crc: number): number;
	encodePlace(offset: number, size: number): void;
	lastEntryWithin(
		address: number,
		count: number,
		entrySize: number,
		offsetAt: number,
		sizeAt: number,
		limit: number,
	): number;
	encodeVarint(address: number, value: number): number;
	decodeVarint(address: number, available: number): number;
	scanFrames(
		address: number,
		length: number,
		sizeMax: number,
		table: number,
		capacity: number,
	): number;
	initManifest(
		table: number,
		cells: number,
		seedLow: number,
		seedHigh: number,
	): void;
	manifestSize(table: number): number;
	nextSlot(table: number): void;
	forgetPositions(table: number): void;
	setNextSlot(table: number, address: number): void;
	findMapping(table: number, guid: number): number;
	putMapping(table: number, mapping: number): number;
	removeMapping(table: number, guid: number): number;
	moveManifest(from: number, to: number): void;
	copyMappings(table: number, mappings: number): number;
	sortMappings(mappings: number, count: number): void;
	freeRanges(table: number, mappings: number, count: number): number;
	parseSnapshot(table: number, address: number, length: number): number;
	encodeSnapshot(table: number, address: number): void;
	loadMappings(table: number, mappings: number, count: number): number;
	encodeSet(address: number, mapping: number): number;
	encodeDelete(address: number, guid: number): number;
	replayLog(
		table: number,
		address: number,
		length: number,
		rest: number,
		isTypeFirst: number,
		position: number,
	): number;
	encodeFrameRecord(
		address: number,
		slot: number,
		guid: number,
		crc: number,
		generation: number,
		position: number,
	): void;
	parseFrameRecord(address: number, slot: number, guid: number): number;
	encodeStamp(
		address: number,
		generation: number,
		snapshotCrc: number,
		snapshotSize: number,
		logSize: number,
		logCrc: number,
	): void;
	parseStamp(address: number): number;
	judgeType(record: number): number;
	isTornRecord(
		address: number,
		length: number,
		isAll: number,
		sectorOffset: number,
	): number;
	prefixChecksums(address: number, length: number, table: number): void;
	nextFittingPageSize(
		address: number,
		length: number,
		table: number,
		after: number,
	): number;
};

const MEMORY_PAGE = 65536;

let compiled: Promise<WebAssembly.Module> | undefined;

/**
 * One whose memory could not grow, and is tried again: an engine reserves gigabytes of addresses
 * for each.
 */
let ungrown: CoreExports | undefined;

/**
 * A new instance of the core with a memory of `memoryBytes`, rounded up to 64 KiB, that never
 * grows: views of it stay valid. Throws ERR_UNSUPPORTED where the engine has no WebAssembly with
 * SIMD, ERR_MEMORY where it cannot give that much.
 */
export async function instantiateCore(
	memoryBytes: number,
): Promise<CoreExports> {
	const exports = ungrown ?? (await instantiateSmall(memoryBytes));
	ungrown = exports;
	growTo(exports.memory, memoryBytes);
	ungrown = undefined;
	return exports;
}

/**
 * Takes every view of a core's memory from whoever has one: to grow it, by nothing too, gives it
 * another buffer, and the old one has no bytes any more. Answers whether the engine has done so.
 */
export function detachViews({ memory }: CoreExports): boolean {
	const { buffer } = memory;
	memory.grow(0);
	return buffer.byteLength === 0 && memory.buffer !== buffer;
}

/** Has every guarded call fail from then on: the memory is somebody else's. */
export function refuseCalls(calls: CoreExports): void {
	for (const name of Object.keys(calls)) {
		if (name !== "memory") {
			Reflect.set(calls, name, refuse);
		}
	}
}

function refuse(): never {
	throw new StorageError("ERR_CLOSED", "the store of this core is closed");
}

/**
 * With the memory that it begins with. Code is compiled once a process: instances share it and
 * nothing else.
 */
async function instantiateSmall(memoryBytes: number): Promise<CoreExports> {
	compiled ??= WebAssembly.compile(coreBytes());
	try {
		// Its other call asks for `Response`, for which Node loads much, and makes memories of its own.
		const { exports } = instantiateSync<CoreExports>(await compiled);
		return exports;
	} catch (cause) {
		// What failed for want of memory may be had when it is asked for again.
		compiled = undefined;
		throw failureName(cause) === "RangeError"
			? outOfMemory(memoryBytes, cause)
			: new StorageError(
					"ERR_UNSUPPORTED",
					"this JavaScript engine cannot run dualslot: it needs WebAssembly with SIMD",
					{},
					cause,
				);
	}
}

function growTo(memory: WebAssembly.Memory, size: number): void {
	const missing = size - memory.buffer.byteLength;
	if (missing <= 0) {
		return;
	}
	try {
		memory.grow(Math.ceil(missing / MEMORY_PAGE));
	} catch (cause) {
		throw outOfMemory(size, cause);
	}
}

/** The calls of one user of a core. They throw ERR_CORE_TRAP where the core traps. */
export function guarded(exports: CoreExports): CoreExports {
	return {
		memory: exports.memory,
		heapBase: trapless(exports.heapBase),
		resultAddress: trapless(exports.resultAddress),
		crc32c: trapless(exports.crc32c),
		crc32: trapless(exports.crc32),
		encodeHeader: trapless(exports.encodeHeader),
		parseHeader: trapless(exports.parseHeader),
		sealPages: trapless(exports.sealPages),
		validatePage: trapless(exports.validatePage),
		validateRun: trapless(exports.validateRun),
		lastValidPage: trapless(exports.lastValidPage),
		isTornPage: trapless(exports.isTornPage),
		isTruncatedPage: trapless(exports.isTruncatedPage),
		claimsAll: trapless(exports.claimsAll),
		lastAfterSync: trapless(exports.lastAfterSync),
		planWrite: trapless(exports.planWrite),
		stageShrink: trapless(exports.stageShrink),
		slotAtRisk: trapless(exports.slotAtRisk),
		retiredLength: trapless(exports.retiredLength),
		sealValue: trapless(exports.sealValue),
		checkValue: trapless(exports.checkValue),
		encodePlace: trapless(exports.encodePlace),
		lastEntryWithin: trapless(exports.lastEntryWithin),
		encodeVarint: trapless(exports.encodeVarint),
		decodeVarint: trapless(exports.decodeVarint),
		scanFrames: trapless(exports.scanFrames),
		initManifest: trapless(exports.initManifest),
		manifestSize: trapless(exports.manifestSize),
		nextSlot: trapless(exports.nextSlot),
		forgetPositions: trapless(exports.forgetPositions),
		setNextSlot: trapless(exports.setNextSlot),
		findMapping: trapless(exports.findMapping),
		putMapping: trapless(exports.putMapping),
		removeMapping: trapless(exports.removeMapping),
		moveManifest: trapless(exports.moveManifest),
		copyMappings: trapless(exports.copyMappings),
		sortMappings: trapless(exports.sortMappings),
		freeRanges: trapless(exports.freeRanges),
		parseSnapshot: trapless(exports.parseSnapshot),
		encodeSnapshot: trapless(exports.encodeSnapshot),
		loadMappings: trapless(exports.loadMappings),
		encodeSet: trapless(exports.encodeSet),
		encodeDelete: trapless(exports.encodeDelete),
		replayLog: trapless(exports.replayLog),
		encodeFrameRecord: trapless(exports.encodeFrameRecord),
		parseFrameRecord: trapless(exports.parseFrameRecord),
		encodeStamp: trapless(exports.encodeStamp),
		parseStamp: trapless(exports.parseStamp),
		judgeType: trapless(exports.judgeType),
		isTornRecord: trapless(exports.isTornRecord),
		prefixChecksums: trapless(exports.prefixChecksums),
		nextFittingPageSize: trapless(exports.nextFittingPageSize),
	};
}

function trapless<Values extends number[], Result>(
	call: (...values: Values) => Result,
): (...values: Values) => Result {
	return (...values) => {
		try {
			return call(...values);
		} catch (cause) {
			throw failureName(cause) === "RuntimeError"
				? new StorageError(
						"ERR_CORE_TRAP",
						`the core trapped: ${reasonOf(cause)}`,
						{},
						cause,
					)
				: cause;
		}
	};
}
