import type { Suite } from "../support/runs/suite.ts";
import { besideOwnerRows } from "./storage/beside-owner.ts";
import { blobRows } from "./storage/blobs.ts";
import { callersBytesRows } from "./storage/callers-bytes.ts";
import { changedOutsideRows } from "./storage/changed-outside.ts";
import { closeRecordRows } from "./storage/close-record.ts";
import { configRows } from "./storage/config.ts";
import { configChangeRows } from "./storage/config-changes.ts";
import { cutRows } from "./storage/cuts.ts";
import { exportedPageRows } from "./storage/exported-pages.ts";
import { exportRows } from "./storage/exporting.ts";
import { faultRows } from "./storage/faults.ts";
import { firstFailureRows } from "./storage/first-failures.ts";
import { foundNameRows } from "./storage/found-names.ts";
import { fullDiskCloseRows } from "./storage/full-disk-close.ts";
import { givingBackRows } from "./storage/giving-back.ts";
import { importRows } from "./storage/importing.ts";
import { journalTransferRows } from "./storage/journal-transfers.ts";
import { lifecycleRows } from "./storage/lifecycle.ts";
import { markerRows } from "./storage/marker.ts";
import { nameRows } from "./storage/names.ts";
import { openingRows } from "./storage/opening.ts";
import { ownFileRows } from "./storage/own-files.ts";
import { readOnlyRows } from "./storage/read-only.ts";
import { realmRows } from "./storage/realms.ts";
import { removalRows } from "./storage/removal.ts";
import { saidRows } from "./storage/said.ts";
import { syncedBlobRows } from "./storage/synced-writes.ts";
import { unawaitedRows } from "./storage/unawaited.ts";
import { vectoredRows } from "./storage/vectored.ts";
import { writeBufferRows } from "./storage/write-buffers.ts";
import { wrongArgumentRows } from "./storage/wrong-arguments.ts";
import { yieldingRows } from "./storage/yielding.ts";

/**
 * The behaviour of a store and its blobs in every host. A name in brackets is that of commonware's
 * test of the same.
 */
export function storageSuite(suite: Suite): void {
	blobRows(suite);
	vectoredRows(suite);
	callersBytesRows(suite);
	unawaitedRows(suite);
	nameRows(suite);
	openingRows(suite);
	foundNameRows(suite);
	removalRows(suite);
	cutRows(suite);
	lifecycleRows(suite);
	readOnlyRows(suite);
	besideOwnerRows(suite);
	configRows(suite);
	configChangeRows(suite);
	markerRows(suite);
	ownFileRows(suite);
	changedOutsideRows(suite);
	closeRecordRows(suite);
	fullDiskCloseRows(suite);
	syncedBlobRows(suite);
	faultRows(suite);
	firstFailureRows(suite);
	saidRows(suite);
	exportRows(suite);
	exportedPageRows(suite);
	importRows(suite);
	journalTransferRows(suite);
	wrongArgumentRows(suite);
	realmRows(suite);
	givingBackRows(suite);
	yieldingRows(suite);
	writeBufferRows(suite);
}
