import type { StorageError } from "../errors.ts";

/** An open section of a journal. */
export interface OpenSection {
	/** Logical bytes. */
	readonly size: number;
	/** Why changes are refused since a failed one (ERR_POISONED), or undefined. */
	readonly failure: StorageError | undefined;
	/** Whether all found and appended bytes are durable. */
	readonly isDurable: boolean;
	/** Whether a close would have nothing to sync. */
	readonly isClean: boolean;
	sync(): Promise<void>;
	/**
	 * Prepares a rewind to `size` bytes or fewer, and changes nothing. The returned function rewinds,
	 * durably.
	 */
	planRewind(size: number): Promise<() => Promise<void>>;
	close(): Promise<void>;
	drop(): Promise<void>;
}
