// The ABI. Addresses and lengths are bytes of linear memory; statuses and the result block's fields are in format.ts.
export { crc32, crc32c } from "./crc32";
export { encodePlace, lastEntryWithin } from "./entry";
export { nextFittingPageSize, prefixChecksums } from "./fit";
export { decodeVarint, encodeVarint, scanFrames } from "./frame";
export {
	encodeFrameRecord,
	encodeStamp,
	parseFrameRecord,
	parseStamp,
} from "./frame-record";
export { freeRanges, sortMappings } from "./free-slots";
export { encodeHeader, parseHeader } from "./header";
export {
	encodeDelete,
	encodeSet,
	isTornRecord,
	judgeType,
	replayLog,
} from "./manifest-log";
export {
	copyMappings,
	findMapping,
	forgetPositions,
	initManifest,
	manifestSize,
	moveManifest,
	nextSlot,
	putMapping,
	removeMapping,
	setNextSlot,
} from "./manifest-map";
export {
	encodeSnapshot,
	loadMappings,
	parseSnapshot,
} from "./manifest-snapshot";
export { sealPages, validatePage } from "./page";
export { planWrite } from "./plan";
export { heapBase, resultAddress } from "./result";
export { lastValidPage, validateRun } from "./scan";
export { retiredLength, slotAtRisk, stageShrink } from "./shrink";
export {
	claimsAll,
	isTornPage,
	isTruncatedPage,
	lastAfterSync,
} from "./torn";
export { checkValue, sealValue } from "./value";
