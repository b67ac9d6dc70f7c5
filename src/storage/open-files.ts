import { isPromise } from "../checks.ts";
import type { Host, HostFile, OpenMode } from "../host/host.ts";
import { type FileWatcher, LatchedFile } from "../host/latch.ts";
import { endingIfFailed, endingWith } from "../turns/endings.ts";
import type { LeftFiles } from "./own-files/left-files.ts";
import { ZerosAhead } from "./zeros-ahead.ts";
import type { ZerosBudget } from "./zeros-budget.ts";

/** One open file of the host, shared by every handle of its blob. */
export interface OpenFile {
	readonly path: string;
	readonly file: LatchedFile;
	/** The zeros ahead of its content, where the store may write some. */
	readonly zeros: ZerosAhead | undefined;
	/**
	 * Not known to be durable: written since the last completed sync, or adopted from before this
	 * open.
	 */
	isDirty: boolean;
	/** Whether a sync of this open file has completed. */
	isSynced: boolean;
	/** Whether any change was attempted. */
	isChanged: boolean;
	/** Whether its refusal of changes was reported. */
	isTold: boolean;
	/** Writes and resizes that have not ended. */
	readonly changes: Set<Promise<void>>;
	/** Whether the host answered the last read at once. */
	readsAtOnce: boolean;
	handles: number;
}

/** Sees opens and removals of files, besides their changes. */
export interface FilesWatcher extends FileWatcher {
	/** The file's first handle was opened. */
	opened(file: LatchedFile): void;
	/** The name is about to go, or to be another file's. Never rejects. */
	beforeRemoval(path: string): Promise<void>;
}

/**
 * The files that a store has open, by path. A removed file is forgotten here, and lives on in its
 * handles.
 */
export class OpenFiles {
	readonly watchers = new Set<FilesWatcher>();
	readonly #host: Host;
	readonly #left: LeftFiles;
	readonly #budget: ZerosBudget | undefined;
	readonly #byPath = new Map<string, OpenFile>();

	/** Without a budget no file gets zeros ahead of its content. */
	constructor(host: Host, left: LeftFiles, budget?: ZerosBudget) {
		this.#host = host;
		this.#left = left;
		this.#budget = budget;
	}

	/** The open files that still have their path. */
	get all(): LatchedFile[] {
		return [...this.#byPath.values()].map(({ file }) => file);
	}

	/**
	 * The file at `path` with one more handle; undefined when it does not exist. `endIsRead`: the
	 * caller will read its end anyway. One call at a time.
	 */
	async acquire(
		path: string,
		mode: OpenMode,
		endIsRead = false,
	): Promise<OpenFile | undefined> {
		const open = this.#byPath.get(path);
		if (open !== undefined) {
			open.handles += 1;
			return open;
		}
		const file = await this.#host.open(path, mode);
		if (file === undefined) {
			await this.#left.notFound(path);
			return undefined;
		}
		const { latched, zeros } = await this.#wrapped(file, path);
		const opened = {
			path,
			file: latched,
			zeros,
			isDirty: false,
			isSynced: false,
			isChanged: false,
			isTold: false,
			readsAtOnce: false,
			handles: 1,
			changes: new Set<Promise<void>>(),
		};
		const looked = this.#left.opened(opened, endIsRead);
		if (isPromise(looked)) {
			await looked;
		}
		this.#byPath.set(path, opened);
		for (const watcher of this.watchers) {
			watcher.opened(latched);
		}
		return opened;
	}

	/** Releases one handle; the last one closes the file without a sync. */
	async release(open: OpenFile): Promise<void> {
		open.handles -= 1;
		if (open.handles === 0) {
			const isNamed = this.#forget(open);
			await endingWith(
				() => (isNamed ? this.#left.released(open) : undefined),
				() => open.file.close(),
			);
		}
	}

	/** Callers await this before a file is removed or replaced. */
	async beforeRemoval(path: string): Promise<void> {
		for (const watcher of this.watchers) {
			await watcher.beforeRemoval(path);
		}
	}

	/** After a removal: the path is free for a new blob. */
	forget(path: string): void {
		this.#byPath.delete(path);
	}

	/** After the removal of a partition. */
	forgetUnder(directory: string): void {
		for (const path of [...this.#byPath.keys()]) {
			if (path.startsWith(`${directory}/`)) {
				this.#byPath.delete(path);
			}
		}
	}

	/** Returns true when its path was still its own. */
	#forget(open: OpenFile): boolean {
		const isNamed = this.#byPath.get(open.path) === open;
		if (isNamed) {
			this.#byPath.delete(open.path);
		}
		return isNamed;
	}

	/** A file whose size cannot be read is closed again. */
	async #wrapped(
		file: HostFile,
		path: string,
	): Promise<{ latched: LatchedFile; zeros: ZerosAhead | undefined }> {
		const budget = this.#budget;
		const wrap = async () => {
			const zeros = budget && (await ZerosAhead.over(file, budget));
			const { watchers } = this;
			const latched = await LatchedFile.wrap(zeros ?? file, path, watchers);
			return { latched, zeros };
		};
		return endingIfFailed(wrap, () => file.close());
	}
}
