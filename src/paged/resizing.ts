import { HEADER_SIZE, RECORD_SIZE } from "../../assembly/format.ts";
import { checkOptions, checkRange, isAbortSignal } from "../checks.ts";

export interface ResizeOptions {
	/**
	 * Ends a growth, which rejects with the signal's reason. The blob keeps the zeros added so far,
	 * and waiting appends follow them. A cut is not interrupted.
	 */
	readonly signal?: AbortSignal;
}

/** Throws TypeError for invalid options. */
export function checkedSignal(options: ResizeOptions): AbortSignal | undefined {
	checkOptions(options);
	const { signal } = options;
	if (signal !== undefined && !isAbortSignal(signal)) {
		throw new TypeError("signal is an AbortSignal");
	}
	return signal;
}

/**
 * Throws TypeError and RangeError for an invalid size, ERR_OFFSET_OVERFLOW if its file would have
 * more than 2^53 - 1 bytes.
 */
export function checkBlobSize(size: number, pageSize: number): void {
	checkRange(size, 0);
	const records = Math.ceil(size / pageSize) * RECORD_SIZE;
	checkRange(size, records + HEADER_SIZE);
}
