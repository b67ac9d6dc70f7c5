import { constants } from "node:fs";
import { constants as osConstants } from "node:os";
import { getSystemErrorName } from "node:util";
import { StorageError } from "../../src/errors.ts";
import { failure } from "../../src/host/answers.ts";
import { platformCalls, refuseUnlockable } from "../posix/platform.ts";

/**
 * Calls of the C library that node:fs does not have. Each returns 0, or the errno of its failure:
 * ENOSYS where the library has no such call.
 */
export interface Libc {
	flock(fd: number, operation: number): number;
	/** fcntl(2), with a number, or with a structure, which it may change. */
	fcntl(fd: number, command: number, argument: number | Uint8Array): number;
	/** fcntl(2) without an argument. */
	fcntlAlone(fd: number, command: number): number;
	/** As fcntlAlone, in a thread: EAGAIN where koffi has no thread for one more call. */
	fcntlInThread(fd: number, command: number): Promise<number>;
	/** posix_fallocate(3) of the first bytes, in a thread: many bytes may take long. */
	fallocate(fd: number, size: number): Promise<number>;
	/** madvise(2) of memory that begins with a page. */
	madvise(memory: Uint8Array, advice: number): number;
	/** Takes O_NONBLOCK off. */
	clearNonBlocking(fd: number): number;
}

type Koffi = typeof import("koffi")["default"];
type Call = ReturnType<ReturnType<Koffi["load"]>["func"]>;

/** <fcntl.h>, of every system. */
const F_GETFL = 3;
const F_SETFL = 4;
const BLOCKING = ~constants.O_NONBLOCK;

const { EAGAIN, EINTR, EIO, ENOSYS } = osConstants.errno;

let loaded: Promise<Libc> | undefined;

/** Throws ERR_UNSUPPORTED on Windows, and where koffi does not load. */
export function libc(): Promise<Libc> {
	loaded ??= load();
	return loaded;
}

/** The error of a failed call, as node:fs would throw it. */
export function systemError(errno: number, what: string): Error {
	return failure(nameOfErrno(errno), what);
}

export function nameOfErrno(errno: number): string {
	return getSystemErrorName(-errno);
}

/** The errno of a failed call: where the call left none, it has failed all the same. */
export function errnoOf(left: number): number {
	return left === 0 ? EIO : left;
}

async function load(): Promise<Libc> {
	refuseUnlockable(platformCalls());
	try {
		const { default: koffi } = await import("koffi");
		return bindLibc(koffi);
	} catch (cause) {
		throw new StorageError(
			"ERR_UNSUPPORTED",
			"flock(2) cannot be called, since the package koffi did not load; without it nothing keeps two writers out of one store",
			{},
			cause,
		);
	}
}

/** Binds what the process has loaded, including the C library. */
export function bindLibc(koffi: Koffi): Libc {
	const library = koffi.load(null);
	const bound = (prototype: string) => boundOrMissing(library, prototype);
	const flock = bound("int flock(int, int)");
	const fcntl = bound("int fcntl(int, int, ...)");
	const fcntlAlone = bound("int fcntl(int, int)");
	const fallocate = bound("int posix_fallocate(int, int64_t, int64_t)");
	const madvise = bound("int madvise(void *, size_t, int)");
	const made = (call: Call | undefined, make: (call: Call) => number) =>
		call === undefined ? ENOSYS : retried(koffi, () => make(call));
	return {
		flock: (fd, operation) => made(flock, (call) => call(fd, operation)),
		fcntl: (fd, command, argument) =>
			made(fcntl, (call) => call(fd, command, typeOf(argument), argument)),
		fcntlAlone: (fd, command) => made(fcntlAlone, (call) => call(fd, command)),
		fcntlInThread: (fd, command) =>
			inThread(
				fcntlAlone,
				(call, done) => call.async(fd, command, done),
				() => errnoOf(koffi.errno()),
			),
		// posix_fallocate returns its errno.
		fallocate: (fd, size) =>
			inThread(
				fallocate,
				(call, done) => call.async(fd, 0, size, done),
				(answer) => answer,
			),
		madvise: (memory, advice) =>
			made(madvise, (call) => call(memory, memory.length, advice)),
		clearNonBlocking: (fd) => {
			const flags = fcntl?.(fd, F_GETFL, "int", 0) ?? -1;
			return flags < 0
				? errnoOf(koffi.errno())
				: made(fcntl, (call) => call(fd, F_SETFL, "int", flags & BLOCKING));
		},
	};
}

/** Undefined where the library has no such function: koffi throws for nothing else here. */
function boundOrMissing(
	library: ReturnType<Koffi["load"]>,
	prototype: string,
): Call | undefined {
	try {
		return library.func(prototype);
	} catch {
		return undefined;
	}
}

/** The type that koffi passes it as: it passes a view's own bytes. */
function typeOf(argument: number | Uint8Array): string {
	return typeof argument === "number" ? "int" : "void *";
}

function retried(koffi: Koffi, call: () => number): number {
	while (call() !== 0) {
		const errno = errnoOf(koffi.errno());
		if (errno !== EINTR) {
			return errno;
		}
	}
	return 0;
}

type Done = (error: unknown, answer: number) => void;

/** `failure` interprets an answer but 0, while the errno is still this call's. */
function inThread(
	call: Call | undefined,
	start: (call: Call, done: Done) => void,
	failure: (answer: number) => number,
): Promise<number> {
	return new Promise((resolve, reject) => {
		const refuse = (error: unknown) =>
			isBusy(error) ? resolve(EAGAIN) : reject(error);
		if (call === undefined) {
			resolve(ENOSYS);
			return;
		}
		try {
			start(call, (error, answer) => {
				const errno = answer === 0 ? 0 : failure(answer);
				return error === null ? resolve(errno) : refuse(error);
			});
		} catch (error) {
			refuse(error);
		}
	});
}

/** Koffi makes 256 calls at once in a process. At more it throws an error with this text alone. */
function isBusy(error: unknown): boolean {
	const { message }: { readonly message?: unknown } = Object(error);
	return String(message).includes("Too many asynchronous calls");
}
