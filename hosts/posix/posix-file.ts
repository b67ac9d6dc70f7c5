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
	type HostWriteOptions,
	PLAIN_FILE,
} from "../../src/host/host.ts";
import { OpenState } from "../../src/host/open-state.ts";
import type { Awaitable } from "../../src/turns/awaitable.ts";

/** What files of one host share. */
export interface PosixCalls {
	/** fdatasync: the bytes, and of the metadata what reading them back needs, the size above all. */
	readonly sync: (fd: number) => Awaitable<void>;
	/**
	 * posix_fallocate(3): makes room on the disk for the first bytes of a file; answers false where
	 * the file system cannot.
	 */
	readonly allocate?: (fd: number, size: number) => Awaitable<boolean>;
	/**
	 * Prepares memory for being read and written past the cache, before it is used; answers whether
	 * it could.
	 */
	readonly prepare?: (memory: readonly Uint8Array[]) => Awaitable<boolean>;
	/**
	 * Whether a call that moves many parts copies them, to where direct I/O cannot have them: then
	 * each part of a direct file, and each that is read, is a call of its own.
	 */
	readonly copiesParts?: boolean;
}

export const syncInPool: PosixCalls["sync"] = promisify(fdatasync);
export const syncBlocking: PosixCalls["sync"] = fdatasyncSync;

/**
 * Bytes that one call moves. Past 2^31 - 1 the counts of node:fs wrap, in some of its calls without
 * a word.
 */
const TRANSFER_MAX = 2 ** 30;
/** IOV_MAX of Linux and macOS: what one call takes. */
const PARTS_MAX = 1024;

const readInPool = promisify(read);
const readvInPool = promisify(readv);
const writeInPool = promisify(write);
const writevInPool = promisify(writev);

/**
 * Reads and writes are synchronous: a page that the system's cache holds is copied sooner than a
 * thread pool is reached.
 */
export class PosixFile implements HostFile {
	readonly traits: FileTraits = PLAIN_FILE;
	readonly #calls: PosixCalls;
	/**
	 * Under way in the thread pool. To close before they end could let them reach the next file that
	 * gets the number.
	 */
	readonly #pooled = new Set<Promise<unknown>>();
	readonly #state = new OpenState();
	readonly #fd: number;

	constructor(fd: number, calls: PosixCalls) {
		this.#fd = fd;
		this.#calls = calls;
	}

	/**
	 * For a call that begins. Throws EBADF once the file is closed: another file has the number then.
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
		{ synced = false }: HostWriteOptions = {},
	): Awaitable<void> {
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

	/** Of a call that keeps the descriptor until it has ended. */
	protected syncOf(fd: number): Awaitable<void> {
		return this.#calls.sync(fd);
	}

	sync(): Awaitable<void> {
		const synced = this.syncOf(this.#opened);
		return isPromise(synced) ? this.inPool(() => synced) : synced;
	}

	close(): Awaitable<void> {
		return this.#state.close(() => this.end());
	}

	/** Called once, when no call begins any more. */
	protected end(): Awaitable<void> {
		return this.#pooled.size === 0
			? closeSync(this.#fd)
			: this.settled().then(() => closeSync(this.#fd));
	}

	/** Waits until nothing is under way. */
	protected async settled(): Promise<void> {
		await Promise.allSettled(this.#pooled);
	}

	protected prepare(memory: readonly Uint8Array[]): Awaitable<boolean> {
		return this.#calls.prepare?.(memory) ?? false;
	}

	/** What of the parts is written by the next call. */
	protected firstOf(parts: readonly Uint8Array[]): readonly Uint8Array[] {
		return partsOfOneCall(parts);
	}

	/** What of the targets is filled by the next call. */
	protected firstRead(targets: readonly Uint8Array[]): readonly Uint8Array[] {
		return this.#calls.copiesParts
			? targets.slice(0, 1)
			: partsOfOneCall(targets);
	}

	/** How much one call that was to write these parts has written. */
	protected taken(answer: number, parts: readonly Uint8Array[]): number {
		return countWritten(answer, bytesOfOneCall(parts), this.traits.alignment);
	}

	/**
	 * Whether the file has ended, of which a read found so many bytes. Direct I/O ends off a block at
	 * the end of the file alone, and could not go on there.
	 */
	protected hasEnded(count: number): boolean {
		return count === 0 || count % this.traits.alignment !== 0;
	}

	/**
	 * Has closing wait for a call, which keeps the descriptor until it has ended. Rejects with EBADF
	 * once the file is closed.
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
}

/** Past the system's cache: the disk itself reads and writes the memory that it is given. */
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

/**
 * Each transfer waits for the disk, and does so in the thread pool: several of them go on at once.
 */
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
		return this.inPool(async (fd) => {
			await this.#writeAll(fd, parts, offset);
			await (synced ? this.syncOf(fd) : undefined);
		});
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

function sizeOf(fd: number): number {
	return fileSize(fstatSync(fd).size);
}

/** One system call; answers how many bytes it found. */
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

/**
 * One system call; answers how many bytes it took. A part by itself is spared the copy that Deno
 * makes of many.
 */
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

/** What one call moves of parts that are meant for one. */
export function bytesOfOneCall(parts: readonly Uint8Array[]): number {
	return Math.min(lengthOf(parts), TRANSFER_MAX);
}

/** As many of the first parts as one call takes, and the first in any case. */
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

/** What is left of the parts when `count` bytes of them are written. */
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
