import type { Awaitable } from "../turns/awaitable.ts";
import type { Zstd } from "./zstd.ts";

/** A host's abilities and promises. Users read them, and tests that decide what to skip. */
export interface HostCapabilities {
	/** The host's kind. */
	readonly name: "memory" | "node" | "deno" | "opfs" | "indexeddb";
	/** Files can be opened past the operating system's cache. */
	readonly directIO: boolean;
	/** Writes can be handed over in batches through a ring. */
	readonly ring: boolean;
	/** How far the lock of a store reaches. */
	readonly lockExcludes: "process" | "machine" | "origin";
	/** What a completed sync survives. */
	readonly syncSurvives: "nothing" | "process" | "power-loss";
	/** An open file can be removed, and stays readable through its handles. */
	readonly removeOpenFile: boolean;
	/**
	 * After so many synced writes that made a file longer, zeros that are written ahead of the next
	 * ones save more than they cost. Absent, or 0, where they never do.
	 */
	readonly zerosAfter?: number;
}

export interface HostEntry {
	/** Undefined when the name on disk is not valid UTF-8. */
	readonly name: string | undefined;
	/** The kind of the entry itself: links are not followed. */
	readonly kind: "file" | "directory" | "other";
}

/**
 * How a file is opened. 'read' needs an existing file and never changes it; 'write' needs an
 * existing file; 'create' makes an empty file where there was none; 'replace' makes one in any
 * case, for its owner alone. When an open file is replaced, the host decides whether its open
 * handles keep the old bytes or see an empty file.
 */
export type OpenMode = "read" | "write" | "create" | "replace";

export interface HostOpenOptions {
	/**
	 * Bypasses the operating system's cache; false by default. Throws an error with the code EINVAL,
	 * ENOTSUP or EOPNOTSUPP where the file system or the platform cannot.
	 */
	readonly direct?: boolean;
}

export interface HostWriteOptions {
	/** Makes the bytes durable before the call settles; false by default. */
	readonly synced?: boolean;
	/** Never holds the calling thread, even where writes do; false by default. */
	readonly background?: boolean;
}

export interface HostSyncOptions {
	/** Never holds the calling thread, even where syncs do; false by default. */
	readonly background?: boolean;
}

/**
 * The seam. A host is a directory of files. It moves bytes; the engine decides what they mean.
 *
 * Every path is relative to the store's directory, its parts are joined by '/', and '' is the
 * directory itself. A part is never '.' or '..'. Faults, audits, meters and the failure latch are
 * wrappers over these two interfaces.
 *
 * A member may return a value or a promise. A failure is thrown, or rejects, with the platform's
 * own error; the engine makes it the `cause` of a StorageError. Hosts throw a StorageError of their
 * own in three cases only. ERR_UNSUPPORTED. ERR_MOVED, where a path now leads to another directory
 * than the one locked, or used since. And where a partition is a link: ERR_PARTITION_CORRUPT, or
 * ERR_IN_USE where links are followed and another one leads to the same place.
 */
export interface Host {
	/** The platform's abilities and promises. */
	readonly capabilities: HostCapabilities;
	/** The store's directory as a person names it; used in messages only. */
	readonly location: string;

	/**
	 * Returns undefined when the mode needs an existing file and there is none. Throws when the path
	 * is no regular file.
	 */
	open(
		path: string,
		mode: OpenMode,
		options?: HostOpenOptions,
	): Awaitable<HostFile | undefined>;
	/** The entries of a directory in any order, or undefined when there is no such directory. */
	list(directory: string): Awaitable<HostEntry[] | undefined>;
	/**
	 * Makes a directory; for '', the store's own with its parents. Returns true when it was missing.
	 */
	makeDirectory(path: string): Awaitable<boolean>;
	/**
	 * Removes a file, or a directory with all it holds. Returns false when it was missing. Durable
	 * after syncDirectory.
	 */
	remove(path: string): Awaitable<boolean>;
	/**
	 * Renames a file over the target, whose permissions it takes over. Without a target it gets those
	 * of a new file; in dualslot.cut it stays its owner's alone. Durable after syncDirectory of both
	 * directories.
	 */
	rename(from: string, to: string): Awaitable<void>;
	/** Settles when a directory's entries (names made, removed, renamed) would survive power loss. */
	syncDirectory(path: string): Awaitable<void>;
	/**
	 * Tries once to lock the store, or with a path the file there, which is made where it is missing.
	 * Returns undefined while another owner holds the lock. A holder that dies leaves no lock behind.
	 */
	lock(path?: string): Awaitable<HostLock | undefined>;
	/**
	 * Whether somebody has the store, this process included, without taking it or keeping out who
	 * does. What the platform cannot tell, or tell for certain, is 'unknown', and no failure.
	 */
	lockState(): Awaitable<LockState>;
	/**
	 * Keeps names in the directory that is there now, for a reader, who keeps out nobody: until it is
	 * released, names in another one that has its path are ERR_MOVED. Answers undefined where no path
	 * leads to another directory.
	 */
	hold(): Awaitable<HostLock | undefined>;
	/** The platform's own zstd, requested when a journal compresses; undefined where it has none. */
	loadZstd(): Awaitable<Zstd | undefined>;
}

/** Whether somebody has a store, or that nobody can tell who does not try to take it. */
export type LockState = "held" | "free" | "unknown";

export interface HostLock {
	/** A second call is the same release: it never releases another holder's lock. */
	release(): Awaitable<void>;
}

/** Properties that a file keeps while it is open. */
export interface FileTraits {
	/** In bytes: 1, or the block size of direct I/O. */
	readonly alignment: number;
	/**
	 * How many reads and writes the platform takes together, so that having them under way at once
	 * pays; 1 where it takes one at a time.
	 */
	readonly depth: number;
	/** Whether a synced write is one call of the platform, not a write and a sync. */
	readonly syncsWrites: boolean;
}

/** A file without alignment, which takes one call at a time. */
export const PLAIN_FILE: FileTraits = Object.freeze({
	alignment: 1,
	depth: 1,
	syncsWrites: false,
});

/**
 * Bytes at offsets of one file. Offsets and sizes are safe integers. Reads and writes use multiples
 * of the file's alignment: offsets, sizes and addresses.
 */
export interface HostFile {
	/** The same while the file is open. */
	readonly traits: FileTraits;
	/** The file's length, in bytes. */
	size(): Awaitable<number>;
	/**
	 * Fills the targets, one after the other, from `offset`. Returns the count of bytes, which is
	 * short only at the end of the file.
	 */
	read(targets: readonly Uint8Array[], offset: number): Awaitable<number>;
	/**
	 * Writes all parts, one after the other, from `offset` on, and extends the file with zeros where
	 * it must. When it throws, any part of them may be written. Parts may be views of linear memory:
	 * a host that keeps them past its return copies. A synced write makes its own bytes durable, and
	 * all that reading them needs; earlier writes may not be.
	 */
	write(
		parts: readonly Uint8Array[],
		offset: number,
		options?: HostWriteOptions,
	): Awaitable<void>;
	/**
	 * Names memory that many reads and writes will use: a host may prepare it for them until the file
	 * is closed. Returns true when it has.
	 */
	pin(memory: readonly Uint8Array[]): Awaitable<boolean>;
	/** Cuts, or extends with zeros. */
	truncate(size: number): Awaitable<void>;
	/**
	 * Extends to `size` at least, with room on the disk for every byte. Returns false where the
	 * platform cannot promise that room; the file is extended with zeros then.
	 */
	allocate(size: number): Awaitable<boolean>;
	/**
	 * Settles when every write and truncation that settled before this call would survive power loss.
	 */
	sync(options?: HostSyncOptions): Awaitable<void>;
	/**
	 * Closes the file once the calls under way have ended: they are not cut short. A second call is
	 * the same close. Every other call after it fails with the code EBADF, even while the close is
	 * under way, and never reaches a file opened since.
	 */
	close(): Awaitable<void>;
}
