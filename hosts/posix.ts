import { Buffer } from "node:buffer";
import {
	closeSync,
	constants,
	fdatasync,
	fdatasyncSync,
	fstatSync,
	fsync,
	fsyncSync,
	ftruncateSync,
	lstatSync,
	mkdirSync,
	openSync,
	readdirSync,
	readSync,
	renameSync,
	rmSync,
	statSync,
	writeSync,
	writevSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { platform } from "node:process";
import { promisify } from "node:util";
import type { Zstd } from "../src/compression/zstd.ts";
import { StorageError } from "../src/errors.ts";
import {
	type Awaitable,
	type Host,
	type HostEntry,
	type HostFile,
	isPromise,
	type OpenMode,
} from "../src/host.ts";

/** 'async' syncs in a thread pool and leaves the event loop free; 'blocking' holds it, and saves the way to a thread. */
export type SyncMode = "async" | "blocking";

export interface PosixOptions {
	sync?: SyncMode;
}

interface Syncs {
	/** fdatasync: the bytes, and of the metadata what reading them back needs, the size above all. */
	readonly file: (fd: number) => Awaitable<void>;
	readonly directory: (path: string) => Awaitable<void>;
}

const SYNCS: Readonly<Record<SyncMode, Syncs>> = {
	async: { file: promisify(fdatasync), directory: syncDirectoryInPool },
	blocking: { file: fdatasyncSync, directory: syncDirectoryBlocking },
};

/** Without O_NONBLOCK, to open a named pipe would wait for its other end; regular files do not know the flag. */
const FLAGS: Readonly<Record<OpenMode, number>> = {
	read: constants.O_RDONLY | constants.O_NONBLOCK,
	write: constants.O_RDWR | constants.O_NONBLOCK,
	replace:
		constants.O_RDWR |
		constants.O_NONBLOCK |
		constants.O_CREAT |
		constants.O_TRUNC,
};

/** Bytes that one call moves. Past 2^31 - 1 the counts of node:fs wrap, in some of its calls without a word. */
const TRANSFER_MAX = 2 ** 30;
/** IOV_MAX of Linux and macOS: what one call takes. */
const PARTS_MAX = 1024;
const CLOSED = -1;

/** Throws ERR_UNSUPPORTED on Windows, where the one lock that ends with its holder is missing. */
export function refuseWindows(): void {
	if (platform === "win32") {
		throw new StorageError(
			"ERR_UNSUPPORTED",
			"Windows has no flock(2), without which nothing keeps two writers out of one store",
		);
	}
}

/**
 * A directory of a POSIX file system through node:fs, without its lock. Reads and writes are synchronous: a page that
 * the system's cache holds is copied sooner than a thread pool is reached. Only a sync waits for the disk.
 */
export class PosixDirectory implements Omit<Host, "capabilities" | "lock"> {
	readonly location: string;
	/** Absolute, so that the store stays where it is when the process changes its working directory. */
	protected readonly root: string;
	readonly #syncs: Syncs;

	constructor(directory: string, { sync = "async" }: PosixOptions = {}) {
		if (typeof directory !== "string" || !/^[^\0]+$/.test(directory)) {
			throw new TypeError("a store's directory is a path that is not empty");
		}
		if (!Object.hasOwn(SYNCS, sync)) {
			throw new TypeError(`sync is 'async' or 'blocking', not ${String(sync)}`);
		}
		this.location = directory;
		this.root = resolve(directory);
		this.#syncs = SYNCS[sync];
	}

	/** Loaded when it is asked for. */
	async loadZstd(): Promise<Zstd | undefined> {
		const { zstdOfZlib } = await import("./zlib.ts");
		return zstdOfZlib();
	}

	open(path: string, mode: OpenMode): HostFile | undefined {
		const absolute = this.#at(path);
		const opened = () => openSync(absolute, FLAGS[mode]);
		const fd = mode === "replace" ? opened() : unlessMissing(opened);
		if (fd === undefined) {
			return undefined;
		}
		const found = fstatSync(fd);
		if (!found.isFile()) {
			closeSync(fd);
			const code = found.isDirectory() ? "EISDIR" : "EINVAL";
			const message = `${code}: not a regular file: ${absolute}`;
			throw Object.assign(new Error(message), { code });
		}
		return new PosixFile(fd, this.#syncs);
	}

	list(directory: string): HostEntry[] | undefined {
		const absolute = this.#at(directory);
		const entries = unlessMissing(() =>
			readdirSync(absolute, { encoding: "buffer", withFileTypes: true }),
		);
		return entries?.map((entry) => ({
			name: nameIn(absolute, entry.name),
			kind: entry.isFile()
				? "file"
				: entry.isDirectory()
					? "directory"
					: "other",
		}));
	}

	makeDirectory(path: string): Awaitable<boolean> {
		return path === "" ? this.#makeRoot() : makeMissing(this.#at(path));
	}

	remove(path: string): boolean {
		const absolute = this.#at(path);
		const removed = unlessMissing(() => {
			rmSync(absolute, { recursive: true });
			return true;
		});
		return removed ?? false;
	}

	rename(from: string, to: string): void {
		renameSync(this.#at(from), this.#at(to));
	}

	syncDirectory(path: string): Awaitable<void> {
		return this.#syncs.directory(this.#at(path));
	}

	#at(path: string): string {
		return join(this.root, path);
	}

	/** Durable with its parents: a store whose own directory a power cut takes away has lost every record in it. */
	async #makeRoot(): Promise<boolean> {
		const grown = makeWithParents(this.root);
		// An empty store may be one whose making died before its parent was synced.
		const isFresh = grown.length === 0 && readdirSync(this.root).length === 0;
		for (const directory of isFresh ? [dirname(this.root)] : grown) {
			await this.#syncs.directory(directory);
		}
		return grown.length > 0;
	}
}

class PosixFile implements HostFile {
	readonly alignment = 1;
	readonly #syncs: Syncs;
	/** Under way in the thread pool. To close before they end could let them sync the next file that gets the number. */
	readonly #syncing = new Set<Promise<void>>();
	#fd: number;

	constructor(fd: number, syncs: Syncs) {
		this.#fd = fd;
		this.#syncs = syncs;
	}

	size(): number {
		return fstatSync(this.#fd).size;
	}

	read(target: Uint8Array, offset: number): number {
		let filled = 0;
		while (filled < target.length) {
			const length = Math.min(target.length - filled, TRANSFER_MAX);
			const position = offset + filled;
			const count = readSync(this.#fd, target, filled, length, position);
			if (count === 0) {
				break;
			}
			filled += count;
		}
		return filled;
	}

	write(parts: readonly Uint8Array[], offset: number): void {
		let rest = parts.filter((part) => part.length > 0);
		let position = offset;
		while (rest.length > 0) {
			const count = writeOnce(this.#fd, rest, position);
			if (count === 0) {
				throw new Error(`a write at ${position} took no byte`);
			}
			position += count;
			rest = withoutFirst(rest, count);
		}
	}

	truncate(size: number): void {
		ftruncateSync(this.#fd, size);
	}

	sync(): Awaitable<void> {
		const synced = this.#syncs.file(this.#fd);
		return isPromise(synced) ? this.#whileSyncing(synced) : synced;
	}

	close(): Awaitable<void> {
		const fd = this.#fd;
		this.#fd = CLOSED;
		if (this.#syncing.size === 0) {
			return closeSync(fd);
		}
		return Promise.allSettled(this.#syncing).then(() => closeSync(fd));
	}

	async #whileSyncing(synced: Promise<void>): Promise<void> {
		this.#syncing.add(synced);
		try {
			await synced;
		} finally {
			this.#syncing.delete(synced);
		}
	}
}

/** One system call; answers how many bytes it took. A part by itself is spared the copy that Deno makes of many. */
function writeOnce(
	fd: number,
	parts: readonly Uint8Array[],
	position: number,
): number {
	const together = partsOfOneCall(parts);
	const [first] = together;
	return first !== undefined && together.length === 1
		? writeSync(fd, first, 0, Math.min(first.length, TRANSFER_MAX), position)
		: writevSync(fd, together, position);
}

/** As many of the first parts as one call takes, and the first in any case. */
function partsOfOneCall(parts: readonly Uint8Array[]): readonly Uint8Array[] {
	const most = parts.slice(0, PARTS_MAX);
	let bytes = 0;
	const past = most.findIndex(({ length }) => {
		bytes += length;
		return bytes > TRANSFER_MAX;
	});
	return past < 0 ? most : parts.slice(0, Math.max(past, 1));
}

/** What is left of the parts when `count` bytes of them are written. */
function withoutFirst(
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

/** Undefined where it is no UTF-8. Deno replaces such bytes before it hands them over: then nothing has that name. */
function nameIn(directory: string, bytes: Buffer): string | undefined {
	const name = bytes.toString("utf8");
	const isReplaced =
		!Buffer.from(name, "utf8").equals(bytes) ||
		(name.includes("\ufffd") && !isThere(join(directory, name)));
	return isReplaced ? undefined : name;
}

function isThere(path: string): boolean {
	return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

function makeMissing(directory: string): boolean {
	try {
		mkdirSync(directory);
		return true;
	} catch (error) {
		if (hasCode(error, "EEXIST") && statSync(directory).isDirectory()) {
			return false;
		}
		throw error;
	}
}

/**
 * Answers the directories that got a new entry, the outermost first. Those above are not looked at unless one is
 * missing, since the right to read them may be missing too.
 */
function makeWithParents(directory: string): string[] {
	const parent = dirname(directory);
	const isMade = unlessMissing(() => makeMissing(directory));
	if (isMade !== undefined) {
		return isMade ? [parent] : [];
	}
	const grown = makeWithParents(parent);
	return makeMissing(directory) ? [...grown, parent] : grown;
}

async function syncDirectoryInPool(path: string): Promise<void> {
	const fd = openDirectory(path);
	try {
		await promisify(fsync)(fd);
	} finally {
		closeSync(fd);
	}
}

function syncDirectoryBlocking(path: string): void {
	const fd = openDirectory(path);
	try {
		fsyncSync(fd);
	} finally {
		closeSync(fd);
	}
}

function openDirectory(path: string): number {
	return openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
}

function unlessMissing<T>(call: () => T): T | undefined {
	try {
		return call();
	} catch (error) {
		if (hasCode(error, "ENOENT")) {
			return undefined;
		}
		throw error;
	}
}

function hasCode(error: unknown, code: string): boolean {
	return error instanceof Error && "code" in error && error.code === code;
}
