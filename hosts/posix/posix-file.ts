import {
	closeSync,
	fdatasync,
	fdatasyncSync,
	fstatSync,
	ftruncateSync,
	read,
	readSync,
	readv,
	readvSync,
	write,
	writeSync,
	writev,
	writevSync,
} from "node:fs";
import { promisify } from "node:util";
import { DIRECT_ALIGNMENT } from "../../assembly/format.ts";
import { lengthOf } from "../../src/bytes.ts";
import { isPromise } from "../../src/checks.ts";
import { countRead, countWritten, fileSize } from "../../src/host/answers.ts";
import {
	type FileTraits,
	type HostFile,
	type HostSyncOptions,
	type HostWriteOptions,
	PLAIN_FILE,
} from "../../src/host/host.ts";
import { OpenState } from "../../src/host/open-state.ts";
import type { Awaitable } from "../../src/turns/awaitable.ts";

/** Calls that files of one host share. */
export interface PosixCalls {
	/** fdatasync: the bytes, and the metadata that reading them back needs, above all the size. */
	readonly sync: (fd: number) => Awaitable<void>;
	/** The same in the thread pool; `sync` by default. */
	readonly syncInPool?: (fd: number) => Awaitable<void>;
	/**
	 * posix_fallocate(3): allocates disk space for the first bytes of a file; returns false where the
	 * file system cannot.
	 */
	readonly allocate?: (fd: number, size: number) => Awaitable<boolean>;
	/**
	 * Prepares memory for reads and writes past the cache, before it is used; returns whether it
	 * could.
	 */
	readonly prepare?: (memory: readonly Uint8Array[]) => Awaitable<boolean>;
	/**
	 * Whether a call that moves many parts copies them, to where direct I/O cannot use them. Then
	 * each part of a direct file, and each part of a read, is a call of its own.
	 */
	readonly copiesParts?: boolean;
}

export const syncInPool: PosixCalls["sync"] = promisify(fdatasync);
export const syncBlocking: PosixCalls["sync"] = fdatasyncSync;

/** The most bytes of one call. Past 2^31 - 1 the counts of node:fs wrap, in some calls silently. */
const TRANSFER_MAX = 2 ** 30;
/** IOV_MAX of Linux and macOS: the most parts of one call. */
const PARTS_MAX = 1024;

const readInPool = promisify(read);
const readvInPool = promisify(readv);
const writeInPool = promisify(write);
const writevInPool = promisify(writev);

/**
 * Reads and writes are synchronous: copying a page from the system's cache is faster than reaching
 * a thread pool.
 */
export class PosixFile implements HostFile {
	readonly traits: FileTraits = PLAIN_FILE;
	readonly #calls: PosixCalls;
	/**
	 * Calls under way in the thread pool. A close before they end could let them reach the next file
	 * with the same number.
	 */
	readonly #pooled = new Set<Promise<unknown>>();
	readonly #state = new OpenState();
	readonly #fd: number;

	constructor(fd: number, calls: PosixCalls) {
		this.#fd = fd;
		this.#calls = calls;
	}

	/**
	 * For a beginning call. Throws EBADF once the file is closed: another file has the number then.
	 */
	get #opened(): number {
		this.#state.refuseIfClosed();
		return this.#fd;
	}

	size(): number {
		return sizeOf(this.#opened);
	}

	read(targets: readonly Uint8Array[], offset: number): Awaitable<number> {
		const fd = this.#opened;
		let rest = notEmpty(targets);
		let filled = 0;
		while (rest.length > 0) {
			const parts = this.firstRead(rest);
			const answer = readOnce(fd, parts, offset + filled);
			const count = countRead(answer, bytesOfOneCall(parts));
			filled += count;
			rest = this.hasEnded(count) ? [] : withoutFirst(rest, count);
		}
		return filled;
	}

	write(
		parts: readonly Uint8Array[],
		offset: number,
		{ synced = false, background = false }: HostWriteOptions = {},
	): Awaitable<void> {
		if (background) {
			return this.writeInPool(parts, offset, synced);
		}
		const fd = this.#opened;
		let rest = notEmpty(parts);
		let position = offset;
		while (rest.length > 0) {
			const parts = this.firstOf(rest);
			const count = this.taken(writeOnce(fd, parts, position), parts);
			position += count;
			rest = withoutFirst(rest, count);
		}
		return synced ? this.sync() : undefined;
	}

	pin(_memory: readonly Uint8Array[]): Awaitable<boolean> {
		return false;
	}

	truncate(size: number): void {
		ftruncateSync(this.#opened, size);
	}

	allocate(size: number): Awaitable<boolean> {
		const fd = this.#opened;
		const isAllocated = this.#calls.allocate?.(fd, size) ?? false;
		const extended = (isDone: boolean) => {
			if (!isDone && sizeOf(fd) < size) {
				ftruncateSync(fd, size);
			}
			return isDone;
		};
		return isPromise(isAllocated)
			? this.inPool(() => isAllocated.then(extended))
			: extended(isAllocated);
	}

	/** The call keeps the descriptor until it has ended. */
	protected syncOf(fd: number): Awaitable<void> {
		return this.#calls.sync(fd);
	}

	sync({ background = false }: HostSyncOptions = {}): Awaitable<void> {
		const fd = this.#opened;
		const inPool = background ? this.#calls.syncInPool : undefined;
		const synced = inPool?.(fd) ?? this.syncOf(fd);
		return isPromise(synced) ? this.inPool(() => synced) : synced;
	}

	close(): Awaitable<void> {
		return this.#state.close(() => this.end());
	}

	/** Called once, when no further call can begin. */
	protected end(): Awaitable<void> {
		return this.#pooled.size === 0
			? closeSync(this.#fd)
			: this.settled().then(() => closeSync(this.#fd));
	}

	/** Waits until no call is under way. */
	protected async settled(): Promise<void> {
		await Promise.allSettled(this.#pooled);
	}

	protected prepare(memory: readonly Uint8Array[]): Awaitable<boolean> {
		return this.#calls.prepare?.(memory) ?? false;
	}

	/** The parts that the next call writes. */
	protected firstOf(parts: readonly Uint8Array[]): readonly Uint8Array[] {
		return partsOfOneCall(parts);
	}

	/** The targets that the next call fills. */
	protected firstRead(targets: readonly Uint8Array[]): readonly Uint8Array[] {
		return this.#calls.copiesParts
			? targets.slice(0, 1)
			: partsOfOneCall(targets);
	}

	/** How many bytes one call for these parts has written. */
	protected taken(answer: number, parts: readonly Uint8Array[]): number {
		return countWritten(answer, bytesOfOneCall(parts), this.traits.alignment);
	}

	/**
	 * Whether the file has ended, after a read that found so many bytes. Direct I/O stops inside a
	 * block only at the end of the file, and could not go on there.
	 */
	protected hasEnded(count: number): boolean {
		return count === 0 || count % this.traits.alignment !== 0;
	}

	/**
	 * Makes a close wait for a call, which keeps the descriptor until it has ended. Rejects with
	 * EBADF once the file is closed.
	 */
	protected async inPool<T>(call: (fd: number) => Promise<T>): Promise<T> {
		const work = call(this.#opened);
		this.#pooled.add(work);
		try {
			return await work;
		} finally {
			this.#pooled.delete(work);
		}
	}

	/** As `write`, in the thread pool. */
	protected writeInPool(
		parts: readonly Uint8Array[],
		offset: number,
		synced: boolean,
	): Promise<void> {
		return this.inPool(async (fd) => {
			await this.#writeAll(fd, parts, offset);
			await (synced ? this.syncOf(fd) : undefined);
		});
	}

	async #writeAll(
		fd: number,
		parts: readonly Uint8Array[],
		offset: number,
	): Promise<void> {
		let rest = notEmpty(parts);
		let position = offset;
		while (rest.length > 0) {
			const first = this.firstOf(rest);
			const answer = await writeOnceInPool(fd, first, position);
			const count = this.taken(answer, first);
			position += count;
			rest = withoutFirst(rest, count);
		}
	}
}

/** Bypasses the system's cache: the disk itself reads and writes the caller's memory. */
export class DirectFile extends PosixFile {
	override readonly traits = { ...PLAIN_FILE, alignment: DIRECT_ALIGNMENT };
	readonly #copiesParts: boolean;

	constructor(fd: number, calls: PosixCalls) {
		super(fd, calls);
		this.#copiesParts = calls.copiesParts ?? false;
	}

	override pin(memory: readonly Uint8Array[]): Promise<boolean> {
		return this.inPool(async () => this.prepare(memory));
	}

	protected override firstOf(
		parts: readonly Uint8Array[],
	): readonly Uint8Array[] {
		return this.#copiesParts ? parts.slice(0, 1) : super.firstOf(parts);
	}
}

/** Each transfer waits for the disk in the thread pool, so several run at once. */
export class PooledDirectFile extends DirectFile {
	override read(
		targets: readonly Uint8Array[],
		offset: number,
	): Promise<number> {
		return this.inPool((fd) => this.#readAll(fd, targets, offset));
	}

	override write(
		parts: readonly Uint8Array[],
		offset: number,
		{ synced = false }: HostWriteOptions = {},
	): Promise<void> {
		return this.writeInPool(parts, offset, synced);
	}

	async #readAll(
		fd: number,
		targets: readonly Uint8Array[],
		offset: number,
	): Promise<number> {
		let rest = notEmpty(targets);
		let filled = 0;
		while (rest.length > 0) {
			const first = this.firstRead(rest);
			const answer = await readOnceInPool(fd, first, offset + filled);
			const count = countRead(answer, bytesOfOneCall(first));
			filled += count;
			rest = this.hasEnded(count) ? [] : withoutFirst(rest, count);
		}
		return filled;
	}
}

function sizeOf(fd: number): number {
	return fileSize(fstatSync(fd).size);
}

/** One system call; returns how many bytes it found. */
function readOnce(
	fd: number,
	targets: readonly Uint8Array[],
	position: number,
): number {
	const [first] = targets;
	return first !== undefined && targets.length === 1
		? readSync(fd, first, 0, Math.min(first.length, TRANSFER_MAX), position)
		: readvSync(fd, targets, position);
}

/** As readOnce, in the thread pool. */
async function readOnceInPool(
	fd: number,
	targets: readonly Uint8Array[],
	position: number,
): Promise<number> {
	const [first] = targets;
	if (first === undefined || targets.length > 1) {
		return (await readvInPool(fd, targets, position)).bytesRead;
	}
	const length = Math.min(first.length, TRANSFER_MAX);
	return (await readInPool(fd, first, 0, length, position)).bytesRead;
}

/** One system call; returns how many bytes it took. A single part is spared Deno's copy of many. */
function writeOnce(
	fd: number,
	parts: readonly Uint8Array[],
	position: number,
): number {
	const [first] = parts;
	return first !== undefined && parts.length === 1
		? writeSync(fd, first, 0, Math.min(first.length, TRANSFER_MAX), position)
		: writevSync(fd, parts, position);
}

/** As writeOnce, in the thread pool. */
async function writeOnceInPool(
	fd: number,
	parts: readonly Uint8Array[],
	position: number,
): Promise<number> {
	const [first] = parts;
	if (first === undefined || parts.length > 1) {
		return (await writevInPool(fd, parts, position)).bytesWritten;
	}
	const length = Math.min(first.length, TRANSFER_MAX);
	return (await writeInPool(fd, first, 0, length, position)).bytesWritten;
}

function notEmpty(parts: readonly Uint8Array[]): readonly Uint8Array[] {
	return parts.filter((part) => part.length > 0);
}

/** The bytes that one call moves of these parts. */
export function bytesOfOneCall(parts: readonly Uint8Array[]): number {
	return Math.min(lengthOf(parts), TRANSFER_MAX);
}

/** The first parts, as many as one call takes, and at least one. */
export function partsOfOneCall(
	parts: readonly Uint8Array[],
): readonly Uint8Array[] {
	const most = parts.slice(0, PARTS_MAX);
	let bytes = 0;
	const past = most.findIndex(({ length }) => {
		bytes += length;
		return bytes > TRANSFER_MAX;
	});
	return past < 0 ? most : parts.slice(0, Math.max(past, 1));
}

/** The rest of the parts when `count` bytes are written. */
export function withoutFirst(
	parts: readonly Uint8Array[],
	count: number,
): Uint8Array[] {
	let left = count;
	for (const [index, part] of parts.entries()) {
		if (left < part.length) {
			return [part.subarray(left), ...parts.slice(index + 1)];
		}
		left -= part.length;
	}
	return [];
}
