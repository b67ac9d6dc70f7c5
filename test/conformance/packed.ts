import type { Suite } from "../support/runs/suite.ts";
import { changedOutsideRows } from "./packed/changed-outside.ts";
import { closingRows } from "./packed/closing.ts";
import { compactionRows } from "./packed/compaction.ts";
import { concurrencyRows } from "./packed/concurrency.ts";
import { eachCallRows } from "./packed/each-call-fails.ts";
import { erasingRows } from "./packed/erasing.ts";
import { faultRows } from "./packed/faults.ts";
import { flippedFrameRows } from "./packed/flipped-frames.ts";
import { frameRecordRows } from "./packed/frame-records.ts";
import { frameRows } from "./packed/frames.ts";
import { lockingRows } from "./packed/locking.ts";
import { logRows } from "./packed/logs.ts";
import { manyFrameRows } from "./packed/many-frames.ts";
import { manyOutcomeRows } from "./packed/many-outcomes.ts";
import { openingRows } from "./packed/opening.ts";
import { randomFaultRows } from "./packed/random-faults.ts";
import { readCountRows } from "./packed/read-counts.ts";
import { readingRows } from "./packed/reading.ts";
import { seedRows } from "./packed/seed.ts";
import { snapshotRows } from "./packed/snapshots.ts";
import { writingRows } from "./packed/writing.ts";

/**
 * The behaviour of a packed store in every host. A name in brackets is that of holt's test of the
 * same.
 */
export function packedSuite(suite: Suite): void {
	seedRows(suite);
	logRows(suite);
	snapshotRows(suite);
	writingRows(suite);
	compactionRows(suite);
	lockingRows(suite);
	openingRows(suite);
	frameRows(suite);
	frameRecordRows(suite);
	flippedFrameRows(suite);
	readingRows(suite);
	manyFrameRows(suite);
	manyOutcomeRows(suite);
	concurrencyRows(suite);
	erasingRows(suite);
	closingRows(suite);
	faultRows(suite);
	randomFaultRows(suite);
	eachCallRows(suite);
	readCountRows(suite);
	changedOutsideRows(suite);
}
