import type { Observer } from "../host/observer.ts";
import type { OwnedBlob } from "../storage/storage-blob.ts";
import type { RecoveryReport } from "./recovery-report.ts";

/** Reports to the observer what recovery found in a blob, and what it cut if `isCut`. */
export function tellOfRecovery(
	blob: OwnedBlob,
	report: RecoveryReport,
	isCut: boolean,
): void {
	const { observer } = blob.owner;
	const place = { partition: blob.partition, blob: blob.hexName };
	const { cut: why, size, damagedPages: pages, slot, otherSlot } = report;
	if (why !== "none" && isCut) {
		tellOfCut(observer, place, why, report);
	}
	if (pages !== undefined) {
		observer.event({ kind: "pages-damaged", ...place, pages });
	}
	if (otherSlot === "bad" && slot !== 0) {
		const page = report.pagesKept - 1;
		observer.event({ kind: "slot-fallback", ...place, page, slot, size });
	}
}

function tellOfCut(
	observer: Observer,
	place: { readonly partition: string; readonly blob: string },
	why: Exclude<RecoveryReport["cut"], "none">,
	{ size, pagesCut: pages, bytesCut: bytes, copy }: RecoveryReport,
): void {
	const kept = copy !== undefined && { copy };
	const figures = { why, size, pages, bytes, ...kept };
	observer.event({ kind: "pages-cut", ...place, ...figures });
}
