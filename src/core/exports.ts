// Made by scripts/build.mjs from assembly/index.ts.

/** The calls of the core, and its memory, as JavaScript sees them: u32 results come back signed. */
export type CoreExports = {
	readonly memory: WebAssembly.Memory;
	crc32(address: number, length: number, crc: number): number;
	crc32c(address: number, length: number, crc: number): number;
	encodeFrameRecord(
		address: number,
		slot: number,
		guid: number,
		crc: number,
		generation: number,
		position: number,
	): void;
	encodeStamp(
		address: number,
		generation: number,
		snapshotCrc: number,
		snapshotSize: number,
		logSize: number,
		logCrc: number,
	): void;
	parseStamp(address: number): number;
	freeRanges(table: number, mappings: number, count: number): number;
	sortMappings(mappings: number, count: number): void;
	listGuids(table: number, guids: number): number;
	encodeDelete(address: number, guid: number): number;
	encodeSet(address: number, mapping: number): number;
	isTornRecord(
		address: number,
		length: number,
		isAll: number,
		sectorOffset: number,
	): number;
	judgeType(record: number): number;
	replayLog(
		table: number,
		address: number,
		length: number,
		rest: number,
		isTypeFirst: number,
		position: number,
	): number;
	copyMappings(table: number, mappings: number): number;
	copySlots(table: number, slots: number): number;
	findMapping(table: number, guid: number): number;
	forgetPositions(table: number): void;
	initManifest(
		table: number,
		cells: number,
		seedLow: number,
		seedHigh: number,
	): void;
	manifestSize(table: number): number;
	moveManifest(from: number, to: number): void;
	nextSlot(table: number): void;
	putMapping(table: number, mapping: number): number;
	removeMapping(table: number, guid: number): number;
	setNextSlot(table: number, address: number): void;
	encodeSnapshot(table: number, address: number): void;
	loadMappings(table: number, mappings: number, count: number): number;
	parseSnapshot(table: number, address: number, length: number): number;
	markedRanges(table: number, address: number, length: number): number;
	judgeRecords(
		table: number,
		records: number,
		first: number,
		count: number,
		log: number,
		snapshot: number,
		logSize: number,
	): void;
	nextFittingPageSize(
		address: number,
		length: number,
		table: number,
		after: number,
	): number;
	prefixChecksums(address: number, length: number, table: number): void;
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
	validatePage(page: number, pageSize: number): number;
	planWrite(
		pageSize: number,
		keptSlot: number,
		committed: number,
		pages: number,
	): number;
	lastValidPage(address: number, pageSize: number, count: number): number;
	validateRun(address: number, pageSize: number, count: number): number;
	retiredLength(page: number, pageSize: number, slot: number): number;
	slotAtRisk(
		page: number,
		pageSize: number,
		slot: number,
		sectorOffset: number,
	): number;
	stageShrink(page: number, pageSize: number, length: number): number;
	claimsAll(page: number, pageSize: number): number;
	isTornPage(page: number, pageSize: number, sectorOffset: number): number;
	isTruncatedPage(page: number, pageSize: number, sectorOffset: number): number;
	lastAfterSync(address: number, pageSize: number, count: number): number;
	encodePlace(offset: number, size: number): void;
	lastEntryWithin(
		entries: number,
		count: number,
		entrySize: number,
		offsetAt: number,
		offsetWidth: number,
		sizeAt: number,
		sizeWidth: number,
		limit: number,
	): number;
	scanValueRun(
		entries: number,
		count: number,
		entrySize: number,
		offsetAt: number,
		offsetWidth: number,
		sizeAt: number,
		sizeWidth: number,
		most: number,
		sizes: number,
	): number;
	decodeVarint(address: number, available: number): number;
	encodeVarint(address: number, value: number): number;
	scanFrames(
		address: number,
		length: number,
		sizeMax: number,
		table: number,
		capacity: number,
	): number;
	checkValue(address: number, length: number, crc: number): number;
	countWholeValues(
		address: number,
		length: number,
		sizes: number,
		count: number,
	): number;
	sealValue(address: number, length: number, crc: number): void;
	heapBase(): number;
	resultAddress(): number;
};

/** The names of the calls. */
export const CORE_CALLS = [
	"crc32",
	"crc32c",
	"encodeFrameRecord",
	"encodeStamp",
	"parseStamp",
	"freeRanges",
	"sortMappings",
	"listGuids",
	"encodeDelete",
	"encodeSet",
	"isTornRecord",
	"judgeType",
	"replayLog",
	"copyMappings",
	"copySlots",
	"findMapping",
	"forgetPositions",
	"initManifest",
	"manifestSize",
	"moveManifest",
	"nextSlot",
	"putMapping",
	"removeMapping",
	"setNextSlot",
	"encodeSnapshot",
	"loadMappings",
	"parseSnapshot",
	"markedRanges",
	"judgeRecords",
	"nextFittingPageSize",
	"prefixChecksums",
	"encodeHeader",
	"parseHeader",
	"sealPages",
	"validatePage",
	"planWrite",
	"lastValidPage",
	"validateRun",
	"retiredLength",
	"slotAtRisk",
	"stageShrink",
	"claimsAll",
	"isTornPage",
	"isTruncatedPage",
	"lastAfterSync",
	"encodePlace",
	"lastEntryWithin",
	"scanValueRun",
	"decodeVarint",
	"encodeVarint",
	"scanFrames",
	"checkValue",
	"countWholeValues",
	"sealValue",
	"heapBase",
	"resultAddress",
] as const;
