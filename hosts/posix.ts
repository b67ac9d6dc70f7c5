import {
	closeSync,
	constants,
	type Dirent,
	fstatSync,
	fsync,
	fsyncSync,
	lstatSync,
	mkdirSync,
	openSync,
	readdirSync,
	renameSync,
	rmSync,
	statSync,
	unlinkSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { platform } from "node:process";
import { promisify } from "node:util";
import type { Zstd } from "../src/compression/zstd.ts";
import {
	endingAtOnce,
	endingAtOnceIfFailed,
	endingIfFailed,
	endingWith,
} from "../src/endings.ts";
import { failureName, StorageError } from "../src/errors.ts";
import type {
	Awaitable,
	Host,
	HostEntry,
	HostFile,
	OpenMode,
} from "../src/host.ts";
import { failure } from "../src/host-answers.ts";
import { isPromise } from "../src/kinds.ts";
import { HeldDirectory } from "./held-directory.ts";
import {
	DirectFile,
	PooledDirectFile,
	type PosixCalls,
	PosixFile,
	syncBlocking,
	syncInPool,
} from "./posix-file.ts";

/** 'async' syncs in a thread pool and leaves the event loop free; 'blocking' holds it, and saves the way to a thread. */
export type SyncMode = "async" | "blocking";

export interface PosixOptions {
	sync?: SyncMode;
}

/** What node:fs does not have, as far as a host can call it, and what a runtime's own does otherwise. */
export interface PosixExtras
	extends Pick<PosixCalls, "allocate" | "prepare" | "copiesParts"> {
	/** Has the system keep nothing of the file in its cache, where no flag of open(2) does. */
	readonly noCache?: (fd: number) => Awaitable<void>;
}

interface Syncs {
	readonly file: PosixCalls["sync"];
	readonly directory: (path: string) => Awaitable<void>;
}

const SYNCS: Readonly<Record<SyncMode, Syncs>> = {
	async: { file: syncInPool, directory: syncDirectoryInPool },
	blocking: { file: syncBlocking, directory: syncDirectoryBlocking },
};

/**
 * Without O_NONBLOCK, to open a named pipe would wait for its other end; regular files do not know the flag. With O_NOFOLLOW,
 * no file is opened that lies elsewhere, and which a link in the store leads to.
 */
const PLAIN = constants.O_NONBLOCK | (constants.O_NOFOLLOW ?? 0);
const FLAGS: Readonly<Record<OpenMode, number>> = {
	read: constants.O_RDONLY | PLAIN,
	write: constants.O_RDWR | PLAIN,
	replace: constants.O_RDWR | PLAIN | constants.O_CREAT | constants.O_TRUNC,
	create: constants.O_RDWR | PLAIN | constants.O_CREAT,
	direct:
		constants.O_RDWR | PLAIN | constants.O_CREAT | (constants.O_DIRECT ?? 0),
};

/** Linux has a flag for it, macOS a call. */
export const HAS_DIRECT_IO = platform === "linux" || platform === "darwin";

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
	protected readonly held: HeldDirectory;
	readonly #sync: SyncMode;
	protected readonly calls: PosixCalls;
	readonly #noCache: PosixExtras["noCache"];

	constructor(
		directory: string,
		{ sync = "async" }: PosixOptions = {},
		{ noCache, ...calls }: PosixExtras = {},
	) {
		if (typeof directory !== "string" || !/^[^\0]+$/.test(directory)) {
			throw new TypeError("a store's directory is a path that is not empty");
		}
		if (!Object.hasOwn(SYNCS, sync)) {
			throw new TypeError(`sync is 'async' or 'blocking', not ${String(sync)}`);
		}
		this.location = directory;
		this.root = resolve(directory);
		this.held = new HeldDirectory(this.root);
		this.#sync = sync;
		this.calls = { sync: SYNCS[sync].file, ...calls };
		this.#noCache = noCache;
	}

	/** Loaded when it is asked for. */
	async loadZstd(): Promise<Zstd | undefined> {
		const { zstdOfZlib } = await import("./zlib.ts");
		return zstdOfZlib();
	}

	open(path: string, mode: OpenMode): Awaitable<HostFile | undefined> {
		const absolute = this.at(path);
		this.#refuseLinked(path);
		const opened = () => openPlain(absolute, mode);
		const isMade = mode !== "read" && mode !== "write";
		const fd = isMade ? opened() : unlessMissing(opened);
		if (fd === undefined) {
			return undefined;
		}
		return closingIfFailed(fd, () => {
			refuseUnlessRegular(fd, absolute);
			return this.fileOf(fd, mode === "direct");
		});
	}

	list(directory: string): HostEntry[] | undefined {
		const absolute = this.at(directory);
		refuseLink(directory, absolute);
		const entries = unlessMissing(() =>
			readdirSync(absolute, { withFileTypes: true }),
		);
		const taken = new Set<string>();
		return entries?.map((entry) => ({
			name: nameIn(absolute, entry.name, taken),
			kind: kindOf(entry),
		}));
	}

	makeDirectory(path: string): Awaitable<boolean> {
		if (path === "") {
			return this.#makeRoot();
		}
		refuseLink(path, this.at(path));
		return makeMissing(this.at(path));
	}

	remove(path: string): boolean {
		const absolute = this.at(path);
		const removed = unlessMissing(() => {
			rmSync(absolute, { recursive: true });
			return true;
		});
		return removed ?? false;
	}

	rename(from: string, to: string): void {
		renameSync(this.at(from), this.at(to));
	}

	syncDirectory(path: string): Awaitable<void> {
		return SYNCS[this.#sync].directory(this.at(path));
	}

	/** What moves the bytes of a file that was just opened. */
	protected fileOf(fd: number, isDirect: boolean): Awaitable<HostFile> {
		return isDirect ? this.#directFile(fd) : new PosixFile(fd, this.calls);
	}

	async #directFile(fd: number): Promise<HostFile> {
		await this.#noCache?.(fd);
		return this.#sync === "blocking"
			? new DirectFile(fd, this.calls)
			: new PooledDirectFile(fd, this.calls);
	}

	/** Throws ERR_MOVED where that is a name in another directory than the one that was locked. */
	protected at(path: string): string {
		this.held.refuseIfMoved();
		return join(this.root, path);
	}

	/** A file lies where its name says: its partition is no link. */
	#refuseLinked(path: string): void {
		const partition = path.slice(0, Math.max(0, path.indexOf("/")));
		refuseLink(partition, this.at(partition));
	}

	/** Durable with its parents: a store whose own directory a power cut takes away has lost every record in it. */
	async #makeRoot(): Promise<boolean> {
		const grown = makeWithParents(this.root);
		// An empty store may be one whose making died before its parent was synced.
		const isFresh = grown.length === 0 && readdirSync(this.root).length === 0;
		for (const directory of isFresh ? [dirname(this.root)] : grown) {
			await SYNCS[this.#sync].directory(directory);
		}
		return grown.length > 0;
	}
}

/**
 * Undefined where it is no UTF-8: runtimes put U+FFFD there, and then nothing has that name, or another entry does. To ask for
 * names as bytes would tell them apart, but Bun then gives none at all.
 */
function nameIn(
	directory: string,
	name: unknown,
	taken: Set<string>,
): string | undefined {
	if (typeof name !== "string") {
		throw failure("EIO", `an entry of ${directory} has no name`);
	}
	if (!name.includes("\ufffd")) {
		return name;
	}
	const isItsOwn = !taken.has(name) && isThere(join(directory, name));
	taken.add(name);
	return isItsOwn ? name : undefined;
}

function kindOf(entry: Dirent): HostEntry["kind"] {
	if (entry.isFile()) {
		return "file";
	}
	return entry.isDirectory() ? "directory" : "other";
}

/** The store's own directory, '', may be one. */
export function refuseLink(name: string, absolute: string): void {
	const found =
		name === "" ? undefined : lstatSync(absolute, { throwIfNoEntry: false });
	if (found?.isSymbolicLink()) {
		const message = `ELOOP: a symbolic link is refused: ${absolute}`;
		throw Object.assign(new Error(message), { code: "ELOOP" });
	}
}

/** What replaces a link takes its name, and leaves what it leads to. */
function openPlain(absolute: string, mode: OpenMode): number {
	try {
		return openSync(absolute, FLAGS[mode]);
	} catch (error) {
		if (mode === "replace" && failureName(error) === "ELOOP") {
			unlinkSync(absolute);
			return openSync(absolute, FLAGS.replace | constants.O_EXCL);
		}
		throw error;
	}
}

function isThere(path: string): boolean {
	return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

function makeMissing(directory: string): boolean {
	try {
		mkdirSync(directory);
		return true;
	} catch (error) {
		if (failureName(error) === "EEXIST" && statSync(directory).isDirectory()) {
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
	await endingWith(
		() => promisify(fsync)(fd),
		() => closeSync(fd),
	);
}

function syncDirectoryBlocking(path: string): void {
	const fd = openDirectory(path);
	endingAtOnce(
		() => fsyncSync(fd),
		() => closeSync(fd),
	);
}

export function openDirectory(path: string): number {
	return openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
}

function refuseUnlessRegular(fd: number, path: string): void {
	const found = fstatSync(fd);
	if (!found.isFile()) {
		const code = found.isDirectory() ? "EISDIR" : "EINVAL";
		const message = `${code}: not a regular file: ${path}`;
		throw Object.assign(new Error(message), { code });
	}
}

function closingIfFailed<T>(
	fd: number,
	make: () => Awaitable<T>,
): Awaitable<T> {
	const close = () => closeSync(fd);
	const made = endingAtOnceIfFailed(make, close);
	return isPromise(made) ? endingIfFailed(() => made, close) : made;
}

function unlessMissing<T>(call: () => T): T | undefined {
	try {
		return call();
	} catch (error) {
		if (failureName(error) === "ENOENT") {
			return undefined;
		}
		throw error;
	}
}
