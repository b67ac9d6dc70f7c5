import { checkFlag, checkOptions } from "../checks.ts";
import { checkObserver, type ObserverOptions } from "../host/observer.ts";
import { checkWait, type LockWait } from "./lock.ts";

export interface StorageOptions extends ObserverOptions {
	/** Takes no lock, repairs nothing, writes nothing. */
	readonly readOnly?: boolean;
	/**
	 * How long to wait for another owner: milliseconds, a signal, or false (the default) to be
	 * refused at once.
	 */
	readonly wait?: LockWait;
	/**
	 * Bytes of linear memory for all page caches, write buffers and scans of this store. Fixed; 16
	 * MiB by default.
	 */
	readonly memory?: number;
	/**
	 * False leaves a foreign store without dualslot.json and dualslot.open, and so without what they
	 * guard.
	 */
	readonly metadata?: boolean;
	/**
	 * Whether what is cut within a page is overwritten with zeros, once the cut is durable and before
	 * its call resolves; false by default. A cut within a page then costs one flush more.
	 * docs/durability.md says what each call leaves where.
	 */
	readonly erase?: boolean;
}

/** Throws TypeError and RangeError. */
export function checkStorageOptions(options: StorageOptions): void {
	checkOptions(options);
	checkObserver(options);
	checkWait(options.wait ?? false);
	const { memory, readOnly, metadata, erase } = options;
	checkFlag("readOnly", readOnly);
	checkFlag("metadata", metadata);
	checkFlag("erase", erase);
	if (memory !== undefined && !(Number.isInteger(memory) && memory > 0)) {
		throw new RangeError(`memory is a whole number of bytes, not ${memory}`);
	}
}
