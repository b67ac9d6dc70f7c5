import { checkFlag, checkOptions } from "../checks.ts";
import { checkObserver, type ObserverOptions } from "../host/observer.ts";
import { checkWait, type LockWait } from "./lock.ts";
import { AHEAD_MAX } from "./zeros-budget.ts";

export interface StorageOptions extends ObserverOptions {
	/** Takes no lock, repairs nothing, writes nothing. */
	readonly readOnly?: boolean;
	/**
	 * How long to wait for another owner: milliseconds, a signal, or false (the default) to fail at
	 * once.
	 */
	readonly wait?: LockWait;
	/**
	 * Bytes of linear memory for all page caches, write buffers and scans of this store. Fixed; 16
	 * MiB by default.
	 */
	readonly memory?: number;
	/**
	 * False makes no dualslot.json and dualslot.open in a foreign store, which then lacks their
	 * protection.
	 */
	readonly metadata?: boolean;
	/**
	 * Whether bytes cut within a page are overwritten with zeros, once the cut is durable and before
	 * its call resolves; false by default. Such a cut then costs one more flush. docs/durability.md
	 * says what each call leaves where.
	 */
	readonly erase?: boolean;
	/**
	 * The most bytes of zeros, from 0 to 1 MiB, that a file which is synced often keeps behind its
	 * last page, so that a durable append does not change the file's size; 1 MiB by default. 0 writes
	 * none, as do hosts where they would not pay, and `metadata: false`. All files of a store keep at
	 * most 16 MiB. A clean close cuts them.
	 */
	readonly ahead?: number;
}

/** Throws TypeError and RangeError. */
export function checkStorageOptions(options: StorageOptions): void {
	checkOptions(options);
	checkObserver(options);
	checkWait(options.wait ?? false);
	const { memory, readOnly, metadata, erase, ahead = 0 } = options;
	checkFlag("readOnly", readOnly);
	checkFlag("metadata", metadata);
	checkFlag("erase", erase);
	if (memory !== undefined && !(Number.isInteger(memory) && memory > 0)) {
		throw new RangeError(`memory is a whole number of bytes, not ${memory}`);
	}
	if (!(Number.isInteger(ahead) && ahead >= 0 && ahead <= AHEAD_MAX)) {
		throw new RangeError(
			`ahead is a whole number of bytes, 0 to ${AHEAD_MAX}, not ${ahead}`,
		);
	}
}
