import { RECORD_SIZE } from "../../assembly/format.ts";
import { checkWhole } from "../checks.ts";
import type { Observer } from "../host/observer.ts";
import { UNSYNCED_WINDOW } from "../storage/unsynced-window.ts";

const WRITE_BUFFER_DEFAULT = 64 * 1024;
const WRITE_BUFFER_MAX = UNSYNCED_WINDOW / 4;

/** The requested bytes of a write buffer. Throws TypeError and RangeError for an invalid size. */
export function writeBufferSize(asked = WRITE_BUFFER_DEFAULT): number {
	checkWhole("a write buffer", asked);
	if (asked > WRITE_BUFFER_MAX) {
		throw new RangeError(
			`a write buffer has at most ${WRITE_BUFFER_MAX} bytes, not ${asked}`,
		);
	}
	return asked;
}

/**
 * The logical bytes that a write buffer of pages holds: at least two pages, and never more than the
 * window lets a flush hand over at once, records included.
 */
export function pagedCapacity(
	asked: number | undefined,
	pageSize: number,
): number {
	const pages = Math.floor(WRITE_BUFFER_MAX / (pageSize + RECORD_SIZE));
	return Math.max(
		Math.min(writeBufferSize(asked), pages * pageSize),
		2 * pageSize,
	);
}

/** Reports a write buffer whose size is not the requested one. */
export function tellOfBuffer(
	observer: Observer,
	place: { readonly partition: string; readonly blob?: string },
	asked: number | undefined,
	bytes: number,
): void {
	if (asked !== undefined && asked !== bytes) {
		const kind = bytes > asked ? "buffer-raised" : "buffer-lowered";
		observer.event({ kind, ...place, asked, bytes });
	}
}
