import { constants } from "node:fs";
import { constants as osConstants } from "node:os";
import { getSystemErrorName, promisify } from "node:util";
import { StorageError } from "../../src/errors.ts";
import { failure } from "../../src/host/answers.ts";
import { refuseWindows } from "../posix/posix-host.ts";

/**
 * Calls of the C library that node:fs does not have. Each answers 0, or the errno that it failed
 * with.
 */
export interface Libc {
	flock(fd: number, operation: number): number;
	/**
	 * In a thread: it may take as long as the file is large. EAGAIN where koffi makes too many calls
	 * for one more.
	 */
	fallocate(fd: number, size: number): Promise<number>;
	/** macOS: nothing that is read or written by this descriptor stays in the system's cache. */
	noCache(fd: number): number;
	/** Linux: wants huge pages under memory that begins with a page. */
	wantHugePages(memory: Uint8Array): number;
	/** Takes O_NONBLOCK off. */
	clearNonBlocking(fd: number): number;
}

/** <fcntl.h>, of every system; the last one of macOS alone. */
const F_GETFL = 3;
const F_SETFL = 4;
const F_NOCACHE = 48;

/** <sys/mman.h> of Linux. */
const MADV_HUGEPAGE = 14;

let loaded: Promise<Libc> | undefined;

/** Throws ERR_UNSUPPORTED on Windows, and where koffi does not load. */
export function libc(): Promise<Libc> {
	loaded ??= load();
	return loaded;
}

/** What a call failed with, as node:fs would throw it. */
export function systemError(errno: number, what: string): Error {
	return failure(nameOfErrno(errno), what);
}

export function nameOfErrno(errno: number): string {
	return getSystemErrorName(-errno);
}

/** Of a call that said that it failed: where it left no errno, it has failed all the same. */
export function errnoOf(left: number): number {
	return left === 0 ? osConstants.errno.EIO : left;
}

async function load(): Promise<Libc> {
	refuseWindows();
	try {
		const { default: koffi } = await import("koffi");
		return bind(koffi);
	} catch (cause) {
		throw new StorageError(
			"ERR_UNSUPPORTED",
			"flock(2) cannot be called, since the package koffi did not load; without it nothing keeps two writers out of one store",
			{},
			cause,
		);
	}
}

function bind(koffi: typeof import("koffi")["default"]): Libc {
	const library = koffi.load(null);
	const flock = library.func("int flock(int, int)");
	const fcntl = library.func("int fcntl(int, int, ...)");
	const madvise = library.func("int madvise(void *, size_t, int)");
	const retried = (call: () => number) => {
		while (call() !== 0) {
			const errno = errnoOf(koffi.errno());
			if (errno !== koffi.os.errno.EINTR) {
				return errno;
			}
		}
		return 0;
	};
	const clearNonBlocking = (fd: number) => {
		const flags = fcntl(fd, F_GETFL, "int", 0);
		if (flags < 0) {
			return errnoOf(koffi.errno());
		}
		const others = flags & ~constants.O_NONBLOCK;
		return retried(() => fcntl(fd, F_SETFL, "int", others));
	};
	return {
		clearNonBlocking,
		flock: (fd, operation) => retried(() => flock(fd, operation)),
		noCache: (fd) => retried(() => fcntl(fd, F_NOCACHE, "int", 1)),
		wantHugePages: (memory) =>
			retried(() => madvise(memory, memory.length, MADV_HUGEPAGE)),
		fallocate: async (fd, size) => {
			// Not every C library has it.
			const call = library.func("int posix_fallocate(int, int64_t, int64_t)");
			const inThread = promisify<number, number, number, number>(call.async);
			// It makes 256 calls at once, in all of the process, and throws at more: before anything else
			// can go wrong.
			return inThread(fd, 0, size).catch(() => osConstants.errno.EAGAIN);
		},
	};
}
