// The ABI. Addresses and lengths are bytes of linear memory; statuses and the result block's fields
// are in format.ts.
export { crc32, crc32c } from "./crc/crc32";
export {
	encodeFrameRecord,
	encodeStamp,
	parseStamp,
} from "./manifest/frame-record";
export { freeRanges, sortMappings } from "./manifest/free-slots";
export { listGuids } from "./manifest/guid-order";
export {
	encodeDelete,
	encodeSet,
	isTornRecord,
	judgeType,
	replayLog,
} from "./manifest/manifest-log";
export {
	copyMappings,
	copySlots,
	findMapping,
	forgetPositions,
	initManifest,
	manifestSize,
	moveManifest,
	nextSlot,
	putMapping,
	removeMapping,
	setNextSlot,
} from "./manifest/manifest-map";
export {
	encodeSnapshot,
	loadMappings,
	parseSnapshot,
} from "./manifest/manifest-snapshot";
export { markedRanges } from "./manifest/marked-ranges";
export { judgeRecords } from "./manifest/record-verdicts";
export { nextFittingPageSize, prefixChecksums } from "./page/fit";
export { encodeHeader, parseHeader } from "./page/header";
export { sealPages, validatePage } from "./page/page";
export { planWrite } from "./page/plan";
export { lastValidPage, validateRun } from "./page/scan";
export { retiredLength, slotAtRisk, stageShrink } from "./page/shrink";
export {
	claimsAll,
	isTornPage,
	isTruncatedPage,
	lastAfterSync,
} from "./page/torn";
export { encodePlace, lastEntryWithin, scanValueRun } from "./record/entry";
export { decodeVarint, encodeVarint, scanFrames } from "./record/frame";
export { checkValue, countWholeValues, sealValue } from "./record/value";
export { heapBase, resultAddress } from "./result";
