import { HEADER_SIZE, RECORD_SIZE } from "../../assembly/format.ts";
import { checkOptions, checkRange, isAbortSignal } from "../checks.ts";

export interface ResizeOptions {
	/**
	 * Ends a growth, which rejects with the signal's reason; the blob keeps the zeros that it has by
	 * then, and appends that wait are made behind them. A cut is not interrupted.
	 */
	readonly signal?: AbortSignal;
}

/** Throws TypeError for what is no such options. */
export function checkedSignal(options: ResizeOptions): AbortSignal | undefined {
	checkOptions(options);
	const { signal } = options;
	if (signal !== undefined && !isAbortSignal(signal)) {
		throw new TypeError("signal is an AbortSignal");
	}
	return signal;
}

/**
 * Throws TypeError and RangeError for what is no size, ERR_OFFSET_OVERFLOW where the file of so
 * many logical bytes would have more than 2^53 - 1.
 */
export function checkBlobSize(size: number, pageSize: number): void {
	checkRange(size, 0);
	const records = Math.ceil(size / pageSize) * RECORD_SIZE;
	checkRange(size, records + HEADER_SIZE);
}
