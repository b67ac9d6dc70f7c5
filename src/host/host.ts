import type { Awaitable } from "../turns/awaitable.ts";
import type { Zstd } from "./zstd.ts";

/**
 * What a host can do and what it promises. Read by users, and by tests that decide what to skip.
 */
export interface HostCapabilities {
	/** Which host it is. */
	readonly name: "memory" | "node" | "deno" | "opfs" | "indexeddb";
	/** Files can be opened past the operating system's cache. */
	readonly directIO: boolean;
	/** Writes can be handed over in batches through a ring. */
	readonly ring: boolean;
	/** Who is kept out while a store is open. */
	readonly lockExcludes: "process" | "machine" | "origin";
	/** What a completed sync outlives. */
	readonly syncSurvives: "nothing" | "process" | "power-loss";
	/** An open file can be removed, and stays readable through its handles. */
	readonly removeOpenFile: boolean;
}

export interface HostEntry {
	/** Undefined when the name on disk is not valid UTF-8. */
	readonly name: string | undefined;
	/** What the name leads to, without following links. */
	readonly kind: "file" | "directory" | "other";
}

/**
 * How a file is opened: 'read' needs an existing file and never changes it, 'write' needs an
 * existing file, 'create' makes an empty one where there was none, 'replace' whether or not there
 * was one, for its owner alone. Whether a file that is open while it is replaced keeps its bytes
 * for who has it open, or is made empty, is the host's affair.
 */
export type OpenMode = "read" | "write" | "create" | "replace";

export interface HostOpenOptions {
	/**
	 * Past the operating system's cache; false by default. Throws what has the code EINVAL, ENOTSUP
	 * or EOPNOTSUPP where the file system, or the platform, has no such thing.
	 */
	readonly direct?: boolean;
}

export interface HostWriteOptions {
	/** Whether the bytes are durable when the call settles; false by default. */
	readonly synced?: boolean;
}

/**
 * The seam. A host is a directory of files and moves bytes; the engine decides what they mean.
 *
 * Every path is relative to the store's directory, its parts are joined by '/', and '' is the
 * directory itself. A part is never '.' or '..'. Faults, audits, meters and the failure latch are
 * wrappers over these two interfaces.
 *
 * A member may answer at once or with a promise. A failure is thrown, or rejects, with whatever the
 * platform gave; the engine puts it as `cause` of a StorageError. Hosts throw a StorageError of
 * their own only for ERR_UNSUPPORTED, for ERR_MOVED where a name would be one in another directory
 * than the one that was locked, or used since, and where a partition is a link:
 * ERR_PARTITION_CORRUPT, or where they follow it and another one leads to the same place
 * ERR_IN_USE.
 */
export interface Host {
	/** The platform's abilities and promises. */
	readonly capabilities: HostCapabilities;
	/** What a person calls the store's directory; used in messages alone. */
	readonly location: string;

	/**
	 * Answers undefined when the mode needs an existing file and there is none. Throws when it is no
	 * regular file.
	 */
	open(
		path: string,
		mode: OpenMode,
		options?: HostOpenOptions,
	): Awaitable<HostFile | undefined>;
	/** The entries of a directory in any order, or undefined when there is no such directory. */
	list(directory: string): Awaitable<HostEntry[] | undefined>;
	/**
	 * Makes a directory (and the store's own, with its parents, for ''). Answers whether it was
	 * missing.
	 */
	makeDirectory(path: string): Awaitable<boolean>;
	/**
	 * Removes a file, or a directory with all it holds. Answers false when it was missing. Durable
	 * after syncDirectory.
	 */
	remove(path: string): Awaitable<boolean>;
	/**
	 * Renames a file, replacing the target whole, whose rights it takes over; in dualslot.cut it
	 * stays its owner's alone, and elsewhere it gets those of what is made. Durable after
	 * syncDirectory of both directories.
	 */
	rename(from: string, to: string): Awaitable<void>;
	/**
	 * Settles when the entries of a directory (names made, removed, renamed) would survive power
	 * loss.
	 */
	syncDirectory(path: string): Awaitable<void>;
	/**
	 * Tries once to take the store for one owner, or with a path the file there, which is made where
	 * it is missing; answers undefined while another has it. A holder that dies leaves nothing
	 * behind.
	 */
	lock(path?: string): Awaitable<HostLock | undefined>;
	/**
	 * Keeps names in the directory that is there now, for a reader, who keeps out nobody: until it is
	 * released, names in another one that has its path are ERR_MOVED. Answers undefined where no path
	 * leads to another directory.
	 */
	hold(): Awaitable<HostLock | undefined>;
	/**
	 * The platform's own zstd, asked for when a journal is to compress; undefined where it has none.
	 */
	loadZstd(): Awaitable<Zstd | undefined>;
}

export interface HostLock {
	/** May be called again, and is the same release then: another's lock stays held. */
	release(): Awaitable<void>;
}

/** What is true of a file for as long as it is open. */
export interface FileTraits {
	/** In bytes: 1, or a block of direct I/O. */
	readonly alignment: number;
	/**
	 * How many reads and writes the platform takes together, and are worth being under way at once;
	 * 1 where it takes one at a time.
	 */
	readonly depth: number;
	/** Whether a synced write is one call of the platform, rather than a write and a sync. */
	readonly syncsWrites: boolean;
}

/** Of a file of which the platform takes any bytes, one call at a time. */
export const PLAIN_FILE: FileTraits = Object.freeze({
	alignment: 1,
	depth: 1,
	syncsWrites: false,
});

/**
 * Bytes at offsets of one file. Offsets and sizes are safe integers; every one that reads and
 * writes are given is a multiple of the file's alignment, and so is where the bytes lie in memory.
 */
export interface HostFile {
	/** The same for as long as the file is open. */
	readonly traits: FileTraits;
	/** The file's length, in bytes. */
	size(): Awaitable<number>;
	/**
	 * Fills the targets, one after the other, from `offset`; answers the count of bytes, which is
	 * short only at the end of the file.
	 */
	read(targets: readonly Uint8Array[], offset: number): Awaitable<number>;
	/**
	 * Writes all parts, one after the other, from `offset` on, extending the file with zeros where it
	 * must; or throws, having written any part of it. Parts may be views of linear memory: a host
	 * that keeps them past its return copies. A synced write makes its own bytes durable, and what
	 * reading them back needs; earlier writes may not be.
	 */
	write(
		parts: readonly Uint8Array[],
		offset: number,
		options?: HostWriteOptions,
	): Awaitable<void>;
	/**
	 * Memory that many reads and writes will use: a host may have it prepared for them, until the
	 * file is closed. Answers whether it has.
	 */
	pin(memory: readonly Uint8Array[]): Awaitable<boolean>;
	/** Cuts, or extends with zeros. */
	truncate(size: number): Awaitable<void>;
	/**
	 * Extends to `size`, at the least, with room on the disk for every byte of it; answers false, and
	 * has extended with zeros, where the platform cannot promise that room.
	 */
	allocate(size: number): Awaitable<boolean>;
	/**
	 * Settles when every write and truncation that settled before this call would survive power loss.
	 */
	sync(): Awaitable<void>;
	/**
	 * Lets the file go, once the calls that are under way have ended: they are not cut short. May be
	 * called again, and is the same close then. Every other call that comes after it, be the close
	 * itself still under way, fails with the code EBADF and reaches no file, whichever has been
	 * opened since.
	 */
	close(): Awaitable<void>;
}
