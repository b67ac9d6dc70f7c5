import type { Suite } from "../support/runs/suite.ts";
import { goldenRows } from "./golden.ts";
import { appendingRows } from "./paged/appending.ts";
import { cacheRows } from "./paged/cache.ts";
import { concurrencyRows } from "./paged/concurrency.ts";
import { crashRows } from "./paged/crash.ts";
import { endingRows } from "./paged/ending.ts";
import { erasingRows } from "./paged/erasing.ts";
import { faultRows } from "./paged/faults.ts";
import { hardeningRows } from "./paged/hardening.ts";
import { inspectionRows } from "./paged/inspection.ts";
import { memoryRows } from "./paged/memory.ts";
import { partialPageRows } from "./paged/partial-pages.ts";
import { readingRows } from "./paged/reading.ts";
import { recoveryRows } from "./paged/recovery.ts";
import { replayRows } from "./paged/replay.ts";
import { resizingRows } from "./paged/resizing.ts";
import { sharedCacheRows } from "./paged/shared-cache.ts";
import { shrinkRows } from "./paged/shrinking.ts";
import { slotRows } from "./paged/slots.ts";
import { syncingRows } from "./paged/syncing.ts";
import { unawaitedRows } from "./paged/unawaited.ts";
import { windowDamageRows } from "./paged/window-damage.ts";
import { zerosAfterCrashRows } from "./paged/zeros-after-crash.ts";
import { zerosAheadRows } from "./paged/zeros-ahead.ts";
import { zerosCutBesideRows } from "./paged/zeros-cut-beside.ts";

/**
 * The behaviour of a paged blob in every host. A name in brackets is that of commonware's test of
 * the same, with the same counts and bytes.
 */
export function pagedSuite(suite: Suite): void {
	readingRows(suite);
	partialPageRows(suite);
	appendingRows(suite);
	syncingRows(suite);
	unawaitedRows(suite);
	slotRows(suite);
	resizingRows(suite);
	shrinkRows(suite);
	erasingRows(suite);
	goldenRows(suite);
	recoveryRows(suite);
	crashRows(suite);
	windowDamageRows(suite);
	hardeningRows(suite);
	faultRows(suite);
	concurrencyRows(suite);
	replayRows(suite);
	cacheRows(suite);
	sharedCacheRows(suite);
	inspectionRows(suite);
	memoryRows(suite);
	endingRows(suite);
	zerosAheadRows(suite);
	zerosCutBesideRows(suite);
	zerosAfterCrashRows(suite);
}
