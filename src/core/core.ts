import * as format from "../../assembly/format.ts";
import {
	type ByteRange,
	FRAME_STOPS,
	type FrameRun,
	HEADER_STATUSES,
	type HeaderVerdict,
	nameOf,
	type PageVerdict,
	type PointingEntry,
	type ShrinkStages,
	SLOT_STATES,
	type SlotVerdict,
	type ValueFields,
	type ValueVerdict,
	type VarintVerdict,
	type WritePlan,
} from "./answers.ts";
import { keepIdle, takeIdle } from "./idle-memories.ts";
import { ManifestCore } from "./manifest.ts";
import {
	type CoreExports,
	guarded,
	instantiateCore,
	refuseCalls,
} from "./module.ts";

/**
 * The WebAssembly core over its linear memory, and the one place where raw addresses become calls.
 * Addresses, lengths and offsets are bytes. What the calls mean is said where they are implemented,
 * in assembly/, and for the rules of the format in docs/format.md. A call with impossible arguments
 * traps: ERR_CORE_TRAP, a bug in the caller or here.
 */
export class Core {
	/** The first byte that the core does not use itself. */
	readonly heapBase: number;
	readonly memoryBytes: number;
	readonly #exports: CoreExports;
	/** What is given back; undefined once it is. */
	#unguarded: CoreExports | undefined;
	/**
	 * The memory never grows once it is loaded: its buffer stays the same, and asking for it each
	 * time takes longer.
	 */
	readonly #buffer: ArrayBuffer;
	readonly #result: number;
	/** The views that are kept: they never leave this class. */
	readonly #whole: Uint8Array;
	readonly #results: DataView;
	/** The calls about a packed store's manifest. */
	readonly manifest: ManifestCore;

	private constructor(unguarded: CoreExports) {
		const exports = guarded(unguarded);
		this.#unguarded = unguarded;
		this.#exports = exports;
		this.#buffer = exports.memory.buffer;
		this.#whole = new Uint8Array(this.#buffer);
		this.manifest = new ManifestCore(exports);
		this.#result = exports.resultAddress() >>> 0;
		this.#results = new DataView(this.#buffer, this.#result);
		this.heapBase = exports.heapBase() >>> 0;
		this.memoryBytes = this.#buffer.byteLength;
	}

	/**
	 * A core of its own, with a memory of `memoryBytes`, rounded up to 64 KiB, that never grows.
	 * Throws ERR_UNSUPPORTED where the engine has no WebAssembly with SIMD, ERR_MEMORY where it
	 * cannot give that much.
	 */
	static async load(memoryBytes: number): Promise<Core> {
		const idle = takeIdle(memoryBytes);
		return new Core(idle ?? (await instantiateCore(memoryBytes)));
	}

	/**
	 * Gives the memory back, to be loaded again as another core: whoever has a view of it has none of
	 * what comes there, and every call of this core fails. Nothing was written at `end` or behind it.
	 * An engine reserves address space by the gigabyte for each memory, and returns it only when its
	 * collector comes by; a program that opens and closes stores would run out of it.
	 */
	retire(end = this.memoryBytes): void {
		const unguarded = this.#unguarded;
		if (unguarded !== undefined) {
			this.#unguarded = undefined;
			refuseCalls(this.#exports);
			keepIdle(unguarded, end);
		}
	}

	/** A view, to be used at once and not kept. */
	bytes(address: number, length: number): Uint8Array<ArrayBuffer> {
		return new Uint8Array(this.#buffer, address, length);
	}

	/** Copies bytes in. For many small ones: a view for each would cost more than the copy. */
	write(address: number, bytes: Uint8Array): void {
		this.#whole.set(bytes, address);
	}

	/** Copies bytes from one place to another, which may overlap. */
	move(from: number, to: number, length: number): void {
		this.#whole.copyWithin(to, from, from + length);
	}

	/** CRC-32C, unsigned: of pages and records. `crc` is that of the bytes before, to go on from. */
	crc32c(address: number, length: number, crc = 0): number {
		return this.#exports.crc32c(address, length, crc) >>> 0;
	}

	/** CRC-32/ISO-HDLC, zlib's, unsigned: of the packed store. */
	crc32(address: number, length: number, crc = 0): number {
		return this.#exports.crc32(address, length, crc) >>> 0;
	}

	/** Writes the 8 bytes of a blob's header. `version`: 0 to 65535. */
	encodeHeader(address: number, version: number): void {
		this.#exports.encodeHeader(address, version);
	}

	/**
	 * Judges a header of which `length` bytes were read; blob versions from `lo` to `hi` are
	 * accepted.
	 */
	parseHeader(
		address: number,
		length: number,
		lo: number,
		hi: number,
	): HeaderVerdict {
		const status = this.#exports.parseHeader(address, length, lo, hi);
		return {
			status: nameOf(HEADER_STATUSES, status),
			runtimeVersion: this.#field(format.PARSED_RUNTIME_VERSION),
			blobVersion: this.#field(format.PARSED_BLOB_VERSION),
		};
	}

	/**
	 * Makes `count` physical pages (of `pageSize` + 12 bytes) of the data that lies in them: all full
	 * but the last, which has `lastLength` bytes and is padded with zeros. The first page keeps the
	 * bytes of `keptSlot`, and the new pair goes to the other slot; with 0, and on every other page,
	 * slot 1 is new and slot 2 zero.
	 */
	sealPages(
		address: number,
		pageSize: number,
		count: number,
		lastLength: number,
		keptSlot: 0 | 1 | 2,
	): void {
		this.#exports.sealPages(address, pageSize, count, lastLength, keptSlot);
	}

	/** Which slot of a physical page counts, and what each says. Writes nothing to the page. */
	validatePage(address: number, pageSize: number): PageVerdict {
		const slot = this.#exports.validatePage(address, pageSize);
		return {
			slot: slotNumber(slot),
			length: this.#field(format.VERDICT_LENGTH),
			first: this.#slotVerdict(format.VERDICT_FIRST),
			second: this.#slotVerdict(format.VERDICT_SECOND),
		};
	}

	/** How many leading pages, of `count`, are valid and full. */
	validateRun(address: number, pageSize: number, count: number): number {
		return this.#exports.validateRun(address, pageSize, count);
	}

	/** The index of the last valid page, full or not, of `count`; -1 if there is none. */
	lastValidPage(address: number, pageSize: number, count: number): number {
		return this.#exports.lastValidPage(address, pageSize, count);
	}

	/**
	 * Whether a torn write of ours explains a page that is not full: an invalid one, or a valid one
	 * that others come behind. `rawOffset` is the page's in its file.
	 */
	isTornPage(address: number, pageSize: number, rawOffset: number): boolean {
		const sectorOffset = rawOffset % format.SECTOR_SIZE;
		return this.#exports.isTornPage(address, pageSize, sectorOffset) !== 0;
	}

	/** Whether a torn truncation explains a page that is not full, and was durable. */
	isTruncatedPage(
		address: number,
		pageSize: number,
		rawOffset: number,
	): boolean {
		const sectorOffset = rawOffset % format.SECTOR_SIZE;
		return this.#exports.isTruncatedPage(address, pageSize, sectorOffset) !== 0;
	}

	/** Whether a slot of the page says that it is full, be it valid or not. */
	claimsAll(address: number, pageSize: number): boolean {
		return this.#exports.claimsAll(address, pageSize) !== 0;
	}

	/**
	 * The index of the last page, of `count`, that tells that all before it were durable when it was
	 * written; -1 where none does.
	 */
	lastAfterSync(address: number, pageSize: number, count: number): number {
		return this.#exports.lastAfterSync(address, pageSize, count);
	}

	/**
	 * Which bytes of `pages` sealed pages to write, where `keptSlot` vouches for the first
	 * `committedLength` of the first page: those and that slot are never rewritten. With slot 0
	 * nothing is committed.
	 */
	planWrite(
		pageSize: number,
		keptSlot: 0 | 1 | 2,
		committedLength: number,
		pages: number,
	): WritePlan {
		const writes = this.#exports.planWrite(
			pageSize,
			keptSlot,
			committedLength,
			pages,
		);
		return {
			first: this.#range(format.PLAN_FIRST_START, format.PLAN_FIRST_END),
			second:
				writes === 1
					? undefined
					: this.#range(format.PLAN_SECOND_START, format.PLAN_SECOND_END),
		};
	}

	/**
	 * The three writes that shrink a page, read as it is on disk, to `length`: 1 to `pageSize`. On
	 * return the page in memory has the record of the disk after the third. Undefined, and the page
	 * as it was, when it is invalid or shorter.
	 */
	stageShrink(
		address: number,
		pageSize: number,
		length: number,
	): ShrinkStages | undefined {
		const slot = this.#exports.stageShrink(address, pageSize, length);
		if (slot === format.NO_SLOT) {
			return undefined;
		}
		return {
			keptSlot: slot === format.FIRST_SLOT ? 1 : 2,
			newSlotOffset: this.#field(format.STAGED_NEW_OFFSET),
			oldSlotOffset: this.#field(format.STAGED_OLD_OFFSET),
			crcStage: this.#copy(format.STAGED_CRC_BYTES, format.SLOT_SIZE),
			lengthStage: this.#copy(
				format.STAGED_LENGTH_BYTES,
				format.SLOT_LENGTH_SIZE,
			),
			retireStage: this.#copy(
				format.STAGED_RETIRE_BYTES,
				format.SLOT_LENGTH_SIZE,
			),
		};
	}

	/**
	 * Whether writing a new pair over `slot` could, torn, revive bytes that do not belong (commonware
	 * #4339); then it must be zeroed and synced first. The page is as on disk, `rawOffset` the slot's
	 * first byte in the file.
	 */
	slotAtRisk(
		address: number,
		pageSize: number,
		slot: 1 | 2,
		rawOffset: number,
	): boolean {
		const sectorOffset = rawOffset % format.SECTOR_SIZE;
		return (
			this.#exports.slotAtRisk(address, pageSize, slot, sectorOffset) !== 0
		);
	}

	/**
	 * For a retired slot, one without a length that kept its CRC: the largest length beyond the
	 * page's own at which that CRC still matches the page's data, else 0.
	 */
	retiredLength(address: number, pageSize: number, slot: 1 | 2): number {
		return this.#exports.retiredLength(address, pageSize, slot);
	}

	/** Puts a value's checksum behind its last piece; `crc` is that of the pieces before. */
	sealValue(address: number, length: number, crc = 0): void {
		this.#exports.sealValue(address, length, crc);
	}

	/** Whether the value in `length` bytes, its checksum behind it included, is whole. */
	isWholeValue(address: number, length: number): boolean {
		return this.#exports.checkValue(address, length, 0) !== 0;
	}

	/**
	 * Judges a value by its last piece, whose last four bytes are the checksum; `crc` is that of the
	 * pieces before.
	 */
	checkValue(address: number, length: number, crc = 0): ValueVerdict {
		const isWhole = this.#exports.checkValue(address, length, crc) !== 0;
		return {
			isWhole,
			stored: this.#field(format.VALUE_STORED),
			computed: this.#field(format.VALUE_COMPUTED),
		};
	}

	/** Has an entry say where its value lies. */
	putPlace(
		entry: Uint8Array,
		{ offsetAt, sizeAt }: ValueFields,
		offset: number,
		size: number,
	): void {
		this.#exports.encodePlace(offset, size);
		const offsetBytes = this.#result + format.PLACE_OFFSET_BYTES;
		for (let at = 0; at < format.VALUE_OFFSET_WIDTH; at += 1) {
			entry[offsetAt + at] = this.#whole[offsetBytes + at] ?? 0;
		}
		const sizeBytes = this.#result + format.PLACE_SIZE_BYTES;
		for (let at = 0; at < format.VALUE_SIZE_WIDTH; at += 1) {
			entry[sizeAt + at] = this.#whole[sizeBytes + at] ?? 0;
		}
	}

	/**
	 * The last of `count` entries whose value ends at `limit` or before; undefined if there is none.
	 */
	lastEntryWithin(
		address: number,
		count: number,
		entrySize: number,
		{ offsetAt, sizeAt }: ValueFields,
		limit: number,
	): PointingEntry | undefined {
		const index = this.#exports.lastEntryWithin(
			address,
			count,
			entrySize,
			offsetAt,
			sizeAt,
			limit,
		);
		if (index < 0) {
			return undefined;
		}
		const offset = this.#results.getFloat64(format.ENTRY_VALUE_OFFSET, true);
		return { index, offset, size: this.#field(format.ENTRY_VALUE_SIZE) };
	}

	/** Writes a number below 2^32 as a varint, and answers how many bytes it takes. */
	encodeVarint(address: number, value: number): number {
		return this.#exports.encodeVarint(address, value);
	}

	/** The bytes of a number below 2^32 as a varint. */
	varint(value: number): Uint8Array {
		const width = this.encodeVarint(this.#varint, value);
		return this.bytes(this.#varint, width).slice();
	}

	/** Judges the varint that bytes begin with. */
	decodeVarint(bytes: Uint8Array): VarintVerdict {
		const count = Math.min(bytes.length, format.VARINT_WIDTH_MAX);
		for (let at = 0; at < count; at += 1) {
			this.#whole[this.#varint + at] = bytes[at] ?? 0;
		}
		const status = this.#exports.decodeVarint(this.#varint, count);
		if (status !== format.VARINT_OK) {
			return { status: status === format.VARINT_SHORT ? "short" : "invalid" };
		}
		const value = this.#field(format.VARINT_VALUE);
		return { status: "ok", value, width: this.#field(format.VARINT_WIDTH) };
	}

	/**
	 * Finds the whole frames at the start of `length` bytes, up to `capacity`; a payload may have
	 * `sizeMax` bytes. Their places go to `table`, 8 bytes each, and are copied from there.
	 */
	scanFrames(
		address: number,
		length: number,
		sizeMax: number,
		table: number,
		capacity: number,
	): FrameRun {
		const count = this.#exports.scanFrames(
			address,
			length,
			sizeMax,
			table,
			capacity,
		);
		const size = this.#field(format.SCANNED_SIZE);
		return {
			places: new Uint32Array(this.#buffer, table, 2 * count).slice(),
			end: this.#field(format.SCANNED_END),
			stop: nameOf(FRAME_STOPS, this.#field(format.SCANNED_STOP)),
			next: { width: this.#field(format.SCANNED_WIDTH), size },
		};
	}

	/**
	 * Every page size for which a blob whose content begins with the `length` bytes at `address` has
	 * a valid page 0, full or zero from its length on. Overwrites what follows them: 256 KiB from the
	 * next multiple of 4 on.
	 */
	fittingPageSizes(address: number, length: number): number[] {
		const table = Math.ceil((address + length) / 4) * 4;
		this.#exports.prefixChecksums(address, length, table);
		const sizes: number[] = [];
		let size = 0;
		do {
			size = this.#exports.nextFittingPageSize(address, length, table, size);
			if (size !== 0) {
				sizes.push(size);
			}
		} while (size !== 0);
		return sizes;
	}

	#slotVerdict(field: number): SlotVerdict {
		return {
			state: nameOf(SLOT_STATES, this.#field(field + format.VERDICT_STATE)),
			length: this.#field(field + format.VERDICT_SLOT_LENGTH),
			crc: this.#field(field + format.VERDICT_CRC),
		};
	}

	#range(start: number, end: number): ByteRange {
		return [this.#field(start), this.#field(end)];
	}

	get #varint(): number {
		return this.#result + format.VARINT_BYTES;
	}

	#field(offset: number): number {
		return this.#results.getUint32(offset, true);
	}

	#copy(offset: number, length: number): Uint8Array {
		return this.bytes(this.#result + offset, length).slice();
	}
}

function slotNumber(slot: number): 0 | 1 | 2 {
	if (slot === format.NO_SLOT) {
		return 0;
	}
	return slot === format.FIRST_SLOT ? 1 : 2;
}
