import { platform } from "node:process";
import { StorageError } from "../../src/errors.ts";

/** The calls that differ between systems. 'none' is a call that dualslot does without. */
export interface PlatformCalls {
	/** Keeps two writers out of one store, and ends with its holder. */
	readonly lock: "flock" | "none";
	/** Keeps a file's bytes out of the system's cache. */
	readonly direct: "O_DIRECT" | "F_NOCACHE" | "none";
	/** Allocates disk space for bytes that are yet to be written. */
	readonly room: "posix_fallocate" | "F_PREALLOCATE" | "none";
	/** Has the disk flush its own cache too. */
	readonly sync: "fdatasync" | "F_FULLFSYNC";
	/** Asks for large pages under memory. */
	readonly hugePages: "madvise" | "none";
	/** Takes many transfers at once. */
	readonly ring: "io_uring" | "none";
}

/** By the system's name in `process.platform`. */
export const PLATFORMS: Readonly<Record<string, PlatformCalls>> = {
	/** With glibc and with musl: both have posix_fallocate. */
	linux: {
		lock: "flock",
		direct: "O_DIRECT",
		room: "posix_fallocate",
		sync: "fdatasync",
		hugePages: "madvise",
		ring: "io_uring",
	},
	/** An app there may not use io_uring. */
	android: {
		lock: "flock",
		direct: "O_DIRECT",
		room: "posix_fallocate",
		sync: "fdatasync",
		hugePages: "madvise",
		ring: "none",
	},
	/** Its fsync and fdatasync leave bytes in the disk's own cache, which a power cut empties. */
	darwin: {
		lock: "flock",
		direct: "F_NOCACHE",
		room: "F_PREALLOCATE",
		sync: "F_FULLFSYNC",
		hugePages: "none",
		ring: "none",
	},
	freebsd: {
		lock: "flock",
		direct: "O_DIRECT",
		room: "posix_fallocate",
		sync: "fdatasync",
		hugePages: "none",
		ring: "none",
	},
	win32: {
		lock: "none",
		direct: "none",
		room: "none",
		sync: "fdatasync",
		hugePages: "none",
		ring: "none",
	},
};

/** For a system of which only POSIX is known, and flock(2) where it has that. */
const OTHERS: PlatformCalls = {
	lock: "flock",
	direct: "none",
	room: "none",
	sync: "fdatasync",
	hugePages: "none",
	ring: "none",
};

/** The row of a system, by default of this one. */
export function platformCalls(name: string = platform): PlatformCalls {
	return PLATFORMS[name] ?? OTHERS;
}

/**
 * The part of a row that node:fs has, for a runtime that calls no C library. Deno's fdatasync is
 * F_FULLFSYNC by itself. fcntl(2) takes variable arguments, which lie elsewhere on a Mac with
 * arm64, and Deno's FFI cannot put them there.
 */
export function withoutLibc({
	lock,
	direct,
	sync,
}: PlatformCalls): PlatformCalls {
	return {
		lock,
		direct: direct === "O_DIRECT" ? direct : "none",
		room: "none",
		sync,
		hugePages: "none",
		ring: "none",
	};
}

/** Throws ERR_UNSUPPORTED on Windows, where the one lock that ends with its holder is missing. */
export function refuseUnlockable({ lock }: PlatformCalls): void {
	if (lock === "none") {
		throw new StorageError(
			"ERR_UNSUPPORTED",
			"Windows has no flock(2), without which nothing keeps two writers out of one store",
		);
	}
}
