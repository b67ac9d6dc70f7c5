import {
	closeSync,
	lstatSync,
	readdirSync,
	renameSync,
	rmSync,
	statSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { isPromise } from "../../src/checks.ts";
import { failureName } from "../../src/errors.ts";
import { failure } from "../../src/host/answers.ts";
import type {
	Host,
	HostEntry,
	HostFile,
	HostLock,
	HostOpenOptions,
	LockState,
	OpenMode,
} from "../../src/host/host.ts";
import type { Zstd } from "../../src/host/zstd.ts";
import { isPartitionName } from "../../src/storage/names.ts";
import { CUT_DIRECTORY } from "../../src/storage/own-files/cut.ts";
import { MARKER_FILE } from "../../src/storage/own-files/marker.ts";
import type { Awaitable } from "../../src/turns/awaitable.ts";
import {
	endingAtOnceIfFailed,
	endingIfFailed,
} from "../../src/turns/endings.ts";
import { zerosAfterIn } from "./growth.ts";
import { HeldDirectory } from "./held-directory.ts";
import { lockStateOf } from "./lock-table.ts";
import { moveAcross } from "./move-across.ts";
import { type LinkMode, PartitionLinks } from "./partition-links.ts";
import { directFlag, openPlain, unlessMissing } from "./plain-files.ts";
import type { PlatformCalls } from "./platform.ts";
import {
	DirectFile,
	PooledDirectFile,
	type PosixCalls,
	PosixFile,
} from "./posix-file.ts";
import {
	giveMode,
	makeDirectoryWith,
	modeOf,
	OWN_ONLY,
	Rights,
} from "./rights.ts";
import { storeDirectory } from "./store-directory.ts";
import {
	PLAIN_SYNCS,
	type SyncMode,
	type Syncs,
	type SyncsByMode,
	syncDirectory,
} from "./syncs.ts";

export interface PosixOptions {
	/** Where a sync waits; 'async' by default. */
	sync?: SyncMode;
	/**
	 * Who may read and write the files of a store whose directory is made: 0o600, its owner alone, by
	 * default. Whoever may read may also search the directories. An existing directory stays as it
	 * is, and decides for new entries in it.
	 */
	mode?: number;
}

export interface PosixStoreOptions extends PosixOptions {
	/**
	 * 'refuse', the default, follows no symbolic link in the store; 'follow' those that stand for
	 * partitions. Nothing excludes two stores whose partitions lead to one directory.
	 */
	links?: LinkMode;
}

/**
 * Calls that node:fs does not have, as far as a host can make them, and calls that a runtime makes
 * otherwise.
 */
export interface PosixExtras
	extends Pick<PosixCalls, "allocate" | "prepare" | "copiesParts"> {
	/** Keeps a file's bytes out of the system's cache: 'none' by default. */
	readonly direct?: PlatformCalls["direct"];
	/** F_NOCACHE, on an open file. */
	readonly noCache?: (fd: number) => Awaitable<void>;
	/** PLAIN_SYNCS by default. */
	readonly syncs?: SyncsByMode;
}

/**
 * A directory of a POSIX file system through node:fs, without its lock. Reads and writes are
 * synchronous: copying a page from the system's cache is faster than reaching a thread pool. Only a
 * sync waits for the disk.
 */
export class PosixDirectory implements Omit<Host, "capabilities" | "lock"> {
	readonly location: string;
	/** Absolute, so the store stays in place when the process changes its working directory. */
	protected readonly root: string;
	protected readonly held: HeldDirectory;
	protected readonly rights: Rights;
	readonly #links: PartitionLinks;
	readonly #sync: SyncMode;
	readonly #syncs: Syncs;
	protected readonly calls: PosixCalls;
	readonly #direct: PlatformCalls["direct"];
	readonly #noCache: PosixExtras["noCache"];
	#zerosAfter: number | undefined;

	constructor(
		directory: string | URL,
		{ sync = "async", mode, links }: PosixStoreOptions = {},
		{
			direct = "none",
			noCache,
			syncs = PLAIN_SYNCS,
			...calls
		}: PosixExtras = {},
	) {
		const path = storeDirectory(directory);
		if (!Object.hasOwn(syncs, sync)) {
			throw new TypeError(`sync is 'async' or 'blocking', not ${String(sync)}`);
		}
		this.location = path;
		this.root = resolve(path);
		this.held = new HeldDirectory(this.root);
		this.rights = new Rights(this.root, mode);
		this.#links = new PartitionLinks(this.root, this.held, links);
		this.#sync = sync;
		this.#syncs = syncs[sync];
		this.calls = {
			sync: this.#syncs.file,
			syncInPool: syncs.async.file,
			...calls,
		};
		this.#direct = direct;
		this.#noCache = noCache;
	}

	/** Asks the system once the directory is there. */
	protected get zerosAfter(): number {
		this.#zerosAfter ??= zerosAfterIn(this.root);
		return this.#zerosAfter ?? 0;
	}

	/** Linux tells; another system, or a kernel that hides its list of locks, does not. */
	lockState(): LockState {
		return lockStateOf(this.at(""));
	}

	/** Keeps a descriptor of the directory open. */
	hold(): Promise<HostLock> {
		return this.held.holding();
	}

	/** Loaded on the first call. */
	async loadZstd(): Promise<Zstd | undefined> {
		const { zstdOfZlib } = await import("./zlib.ts");
		return zstdOfZlib();
	}

	open(
		path: string,
		mode: OpenMode,
		options: HostOpenOptions = {},
	): Awaitable<HostFile | undefined> {
		const absolute = this.at(path);
		this.#links.refuse(partitionOf(path));
		const flag = options.direct ? directFlag(this.#direct) : 0;
		const fd = openPlain(absolute, mode, () => this.rights.ofFile, flag);
		return fd === undefined
			? undefined
			: closingIfFailed(fd, () => this.fileOf(fd, options.direct ?? false));
	}

	list(directory: string): HostEntry[] | undefined {
		const absolute = this.directoryAt(directory);
		const entries = unlessMissing(() =>
			readdirSync(absolute, { withFileTypes: true }),
		);
		const taken = new Set<string>();
		return entries?.map((entry) => ({
			name: nameIn(absolute, entry.name, taken),
			kind: this.#links.kindOf(directory, entry),
		}));
	}

	makeDirectory(path: string): Awaitable<boolean> {
		if (path === "") {
			return this.#makeRoot();
		}
		const absolute = this.directoryAt(path);
		const isMade = makeMissing(absolute, this.rights.ofPartition);
		if (isMade) {
			this.#links.refuse(path);
		}
		return isMade;
	}

	/** The target of a followed link is emptied, and stays. */
	remove(path: string): boolean {
		const absolute = this.at(path);
		this.#refuseToEndIfMoved(path);
		this.#links.refuse(isPartitionName(path) ? path : partitionOf(path));
		if (this.#links.isFollowedLink(path)) {
			for (const name of readdirSync(absolute)) {
				rmSync(join(absolute, name), { recursive: true });
			}
		}
		const removed = unlessMissing(() => {
			rmSync(absolute, { recursive: true });
			this.held.forget(path);
			return true;
		});
		return removed ?? false;
	}

	rename(from: string, to: string): Awaitable<void> {
		const [source, target] = [this.at(from), this.at(to)];
		const partition = partitionOf(to);
		this.#refuseToEndIfMoved(to);
		this.#links.refuse(partitionOf(from));
		this.#links.refuse(partition);
		const mode = this.#modeOf(to);
		giveMode(source, mode);
		if (!this.#links.isFollowedLink(partition)) {
			return renameSync(source, target);
		}
		return moveAcross(source, target, mode, this.calls.sync);
	}

	syncDirectory(path: string): Awaitable<void> {
		return syncDirectory(this.directoryAt(path), this.#syncs);
	}

	/** The object for a file that was just opened. */
	protected fileOf(fd: number, isDirect: boolean): Awaitable<HostFile> {
		return isDirect ? this.#directFile(fd) : new PosixFile(fd, this.calls);
	}

	async #directFile(fd: number): Promise<HostFile> {
		if (this.#direct === "F_NOCACHE") {
			await this.#noCache?.(fd);
		}
		return this.#sync === "blocking"
			? new DirectFile(fd, this.calls)
			: new PooledDirectFile(fd, this.calls);
	}

	/** Throws ERR_MOVED where the name would lie in another directory than the locked one. */
	protected at(path: string): string {
		this.held.refuseIfMoved();
		return join(this.root, path);
	}

	/** As `at`, for a directory that is no refused link. */
	protected directoryAt(path: string): string {
		const absolute = this.at(path);
		this.#links.refuse(path);
		return absolute;
	}

	/**
	 * With the marker a session records how it leaves all partitions that it used. It must not do so
	 * for a partition that was replaced.
	 */
	#refuseToEndIfMoved(path: string): void {
		for (const directory of path === MARKER_FILE ? this.held.used : []) {
			this.#links.refuse(directory);
		}
	}

	/** The mode of a file that is about to get that name. */
	#modeOf(path: string): number {
		return partitionOf(path) === CUT_DIRECTORY
			? OWN_ONLY
			: (modeOf(this.at(path)) ?? this.rights.ofFile);
	}

	/**
	 * Durable with its parents: if a power cut takes a store's own directory, every record in it is
	 * lost.
	 */
	async #makeRoot(): Promise<boolean> {
		const grown = makeWithParents(this.root, this.rights.ofNewStore);
		// An empty store may be one whose creation ended before its parent was synced.
		const isFresh = grown.length === 0 && readdirSync(this.root).length === 0;
		for (const directory of isFresh ? [dirname(this.root)] : grown) {
			await syncDirectory(directory, this.#syncs);
		}
		return grown.length > 0;
	}
}

/**
 * Undefined where it is no UTF-8: runtimes put U+FFFD there, and then no entry has that name, or
 * another one does. Names as bytes would tell them apart, but then Bun returns none at all.
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

/** The directory of the file at a path; '' is the store's own. */
function partitionOf(path: string): string {
	return path.slice(0, Math.max(0, path.indexOf("/")));
}

function isThere(path: string): boolean {
	return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

function makeMissing(directory: string, mode: number): boolean {
	try {
		makeDirectoryWith(directory, mode);
		return true;
	} catch (error) {
		if (failureName(error) === "EEXIST" && statSync(directory).isDirectory()) {
			return false;
		}
		throw error;
	}
}

/**
 * Returns the directories that got a new entry, the outermost first. Those above are read only if
 * one is missing, since the right to read them may be missing too.
 */
function makeWithParents(directory: string, mode: number): string[] {
	const parent = dirname(directory);
	const isMade = unlessMissing(() => makeMissing(directory, mode));
	if (isMade !== undefined) {
		return isMade ? [parent] : [];
	}
	const grown = makeWithParents(parent, mode);
	return makeMissing(directory, mode) ? [...grown, parent] : grown;
}

function closingIfFailed<T>(
	fd: number,
	make: () => Awaitable<T>,
): Awaitable<T> {
	const close = () => closeSync(fd);
	const made = endingAtOnceIfFailed(make, close);
	return isPromise(made) ? endingIfFailed(() => made, close) : made;
}
