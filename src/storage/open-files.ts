import { isPromise } from "../checks.ts";
import type { Host, HostFile, OpenMode } from "../host/host.ts";
import { type FileWatcher, LatchedFile } from "../host/latch.ts";
import { endingIfFailed, endingWith } from "../turns/endings.ts";
import type { LeftFiles } from "./own-files/left-files.ts";

/** One open file of the host, shared by every handle of its blob. */
export interface OpenFile {
	readonly path: string;
	readonly file: LatchedFile;
	/**
	 * Handed to the host since the last completed sync, or adopted from before this open: not known
	 * to be durable.
	 */
	isDirty: boolean;
	/** Whether a sync of this open file has completed. */
	isSynced: boolean;
	/** Whether anything was to be changed. */
	isChanged: boolean;
	/** Whether it was told that changes are refused. */
	isTold: boolean;
	/** Writes and resizes that have not ended. */
	readonly changes: Set<Promise<void>>;
	/** Whether the host answered the last read at once. */
	readsAtOnce: boolean;
	handles: number;
}

/** Sees which files there are to be seen, besides their changes. */
export interface FilesWatcher extends FileWatcher {
	/** Nobody had the file open before this. */
	opened(file: LatchedFile): void;
	/** The name is about to be no file's, or another's. Never rejects. */
	beforeRemoval(path: string): Promise<void>;
}

/**
 * The files that a store has open, by path. A file that was removed is forgotten, and lives on in
 * its handles.
 */
export class OpenFiles {
	readonly watchers = new Set<FilesWatcher>();
	readonly #host: Host;
	readonly #left: LeftFiles;
	readonly #byPath = new Map<string, OpenFile>();

	constructor(host: Host, left: LeftFiles) {
		this.#host = host;
		this.#left = left;
	}

	/** The files that are open under a path of theirs. */
	get all(): LatchedFile[] {
		return [...this.#byPath.values()].map(({ file }) => file);
	}

	/**
	 * The file at `path` with one more handle; undefined when it does not exist. `endIsRead` where
	 * its end will be read in any case. One call at a time.
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
		const latched = await this.#wrapped(file, path);
		const opened = {
			path,
			file: latched,
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

	/** Gives back one handle; the last one closes the file, syncing nothing. */
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

	/** To be awaited before a file is removed, or another one put in its place. */
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

	/** Answers whether its path was still its own. */
	#forget(open: OpenFile): boolean {
		const isNamed = this.#byPath.get(open.path) === open;
		if (isNamed) {
			this.#byPath.delete(open.path);
		}
		return isNamed;
	}

	/** A file that cannot say how long it is stays open for nobody. */
	async #wrapped(file: HostFile, path: string): Promise<LatchedFile> {
		return endingIfFailed(
			() => LatchedFile.wrap(file, path, this.watchers),
			() => file.close(),
		);
	}
}
