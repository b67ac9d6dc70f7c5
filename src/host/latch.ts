import { lengthOf } from "../bytes.ts";
import { isPromise } from "../checks.ts";
import { isNoSpace, type StorageError } from "../errors.ts";
import { poisoned } from "../refusals.ts";
import type { Awaitable } from "../turns/awaitable.ts";
import { yieldIfDue } from "../turns/event-loop.ts";
import { countRead, fileSize } from "./answers.ts";
import { FileEnd } from "./file-end.ts";
import type { FileTraits, HostFile, HostWriteOptions } from "./host.ts";

/** To read a longer overlap before each write, only for an undo, would cost too much. */
const UNDO_BYTES_MAX = 4096;

/** Is called for every change of a file, before it reaches the host. */
export interface FileWatcher {
	/** The bytes from `start` up to `end` are about to change or to go. Never rejects. */
	beforeChange(file: LatchedFile, start: number, end: number): Promise<void>;
}

/**
 * The failure latch. After a failed write, truncation or sync nobody knows what the file holds, so
 * every later change is refused with ERR_POISONED until the file is opened anew. Reads go on. Above
 * all a failed sync is never retried: the kernel reports it once and then calls the lost bytes
 * clean.
 *
 * A write or an extension that found the disk full is undone: the file is truncated, the
 * overwritten bytes are put back, and it is synced. Only when that succeeds is the file as it was,
 * and the latch stays open. Nothing is undone when another change was under way meanwhile: nobody
 * knows whose bytes are there. Nor is a synced write undone after changes that no sync has covered:
 * the kernel's error may be about them, and it comes only once.
 */
export class LatchedFile implements HostFile {
	readonly traits: FileTraits;
	readonly #file: HostFile;
	readonly path: string;
	readonly #watchers: ReadonlySet<FileWatcher>;
	#size: number;
	/** Bytes behind `#size` that are out of sight. */
	#hidden = 0;
	readonly #end: FileEnd;
	#failure: StorageError | undefined;
	#changesUnderWay = 0;
	/** Begins with one: bytes that an open finds may lie in the system's cache alone. */
	#changesBegun = 1;
	/** How many of these changes are durable. */
	#changesSynced = 0;
	/** Set while a change is undone: later changes wait for it. */
	#undoing: Promise<boolean> | undefined;

	private constructor(
		file: HostFile,
		path: string,
		watchers: ReadonlySet<FileWatcher>,
		size: number,
	) {
		this.traits = file.traits;
		this.#file = file;
		this.path = path;
		this.#watchers = watchers;
		this.#size = size;
		this.#end = new FileEnd(size);
	}

	static async wrap(
		file: HostFile,
		path: string,
		watchers: ReadonlySet<FileWatcher>,
	): Promise<LatchedFile> {
		return new LatchedFile(file, path, watchers, fileSize(await file.size()));
	}

	/** Why changes are refused; undefined while they are not. */
	get failure(): StorageError | undefined {
		return this.#failure;
	}

	size(): number {
		return this.#size;
	}

	read(targets: readonly Uint8Array[], offset: number): Awaitable<number> {
		const count = this.#file.read(targets, offset);
		const length = lengthOf(targets);
		if (!this.#end.isNews(offset, length)) {
			return count;
		}
		const { generation } = this.#end;
		const notice = (found: number) => {
			// The read shows the last bytes, unless they were changed meanwhile.
			const isCurrent = generation === this.#end.generation;
			if (found === length && isCurrent && this.#end.isNews(offset, found)) {
				this.#end.read(targets, offset);
			}
			return found;
		};
		return isPromise(count) ? count.then(notice) : notice(count);
	}

	/** Passes on the file's last bytes before they change: once, as soon as they are read. */
	expectEnd(expected: (bytes: Uint8Array) => void): void {
		this.#end.expect(expected);
	}

	/**
	 * The file's last bytes, read where they are unknown; undefined where the file became shorter.
	 */
	async lastBytes(): Promise<Uint8Array | undefined> {
		if (this.#end.bytes === undefined) {
			const { start } = this.#end;
			await this.read([new Uint8Array(this.#size - start)], start);
		}
		return this.#end.bytes;
	}

	/**
	 * From now on the last bytes of the file are out of sight, and `size` is where they begin; 0
	 * shows them all again. The next truncation cuts them.
	 */
	hideEnd(bytes: number): void {
		this.#size += this.#hidden - bytes;
		this.#hidden = bytes;
		this.#end.forget(this.#size);
	}

	pin(memory: readonly Uint8Array[]): Awaitable<boolean> {
		return this.#file.pin(memory);
	}

	async write(
		parts: readonly Uint8Array[],
		offset: number,
		options?: HostWriteOptions,
	): Promise<void> {
		this.#refuseIfPoisoned();
		const end = offset + lengthOf(parts);
		if (this.#watchers.size > 0) {
			await this.#beforeChange(offset, end);
		}
		if (this.#end.isAwaited) {
			await this.lastBytes();
		}
		if (this.#undoing !== undefined) {
			await this.#undone();
		}
		const isByItself = !options?.synced || this.#isSynced;
		const wasAlone = this.#beginChange();
		try {
			const overlap = await this.#overlap(offset, end);
			const undo = () => this.#undo(offset, overlap);
			const write = () => this.#file.write(parts, offset, options);
			const canUndo = () => isByItself && wasAlone();
			await this.#undoably("write", write, canUndo, undo);
			if (options?.synced && canUndo()) {
				this.#changesSynced = this.#changesBegun;
			}
		} finally {
			this.#changesUnderWay -= 1;
		}
		// A write of no bytes extends nothing, whatever its offset.
		this.#size = end > offset ? Math.max(this.#size, end) : this.#size;
		this.#end.wrote(parts, offset, this.#size);
		const turn = yieldIfDue();
		if (turn !== undefined) {
			await turn;
		}
	}

	async truncate(size: number): Promise<void> {
		if (this.#watchers.size > 0) {
			await this.#beforeChange(size, this.#size);
		}
		if (this.#end.isAwaited) {
			await this.lastBytes();
		}
		await this.#resizing("truncation", size, () => this.#file.truncate(size));
		this.#size = size;
		this.#hidden = 0;
		this.#end.forget(size);
	}

	async allocate(size: number): Promise<boolean> {
		let isAllocated = false;
		await this.#resizing("allocation", size, async () => {
			isAllocated = await this.#file.allocate(size);
		});
		this.#size = Math.max(this.#size, size);
		this.#end.forget(this.#size);
		return isAllocated;
	}

	async sync(): Promise<void> {
		const isStill = this.#changesUnderWay === 0;
		const covered = isStill ? this.#changesBegun : this.#changesSynced;
		await this.#latching("sync", () => this.#file.sync());
		this.#changesSynced = Math.max(this.#changesSynced, covered);
		const turn = yieldIfDue();
		if (turn !== undefined) {
			await turn;
		}
	}

	close(): Awaitable<void> {
		return this.#file.close();
	}

	async #latching(what: string, step: () => Awaitable<void>): Promise<void> {
		this.#refuseIfPoisoned();
		try {
			await step();
		} catch (error) {
			// A sync that found no room has lost its bytes too.
			this.#poison(what, error);
			throw error;
		}
	}

	async #resizing(
		what: string,
		size: number,
		step: () => Awaitable<void>,
	): Promise<void> {
		this.#refuseIfPoisoned();
		if (this.#undoing !== undefined) {
			await this.#undone();
		}
		const wasAlone = this.#beginChange();
		const before = this.#size;
		const overlap = size > before ? new Uint8Array() : undefined;
		const undo = () => this.#undo(before, overlap);
		try {
			await this.#undoably(what, step, wasAlone, undo);
		} finally {
			this.#changesUnderWay -= 1;
		}
	}

	get #isSynced(): boolean {
		return this.#changesSynced === this.#changesBegun;
	}

	/** The result tells whether no other change was under way. */
	#beginChange(): () => boolean {
		const isFirst = this.#changesUnderWay === 0;
		this.#changesUnderWay += 1;
		this.#changesBegun += 1;
		const begun = this.#changesBegun;
		return () => isFirst && this.#changesBegun === begun;
	}

	/** Resolves when no undo is under way; rejects where one failed. */
	async #undone(): Promise<void> {
		while (this.#undoing !== undefined) {
			await this.#undoing;
		}
		this.#refuseIfPoisoned();
	}

	async #beforeChange(start: number, end: number): Promise<void> {
		for (const watcher of this.#watchers) {
			await watcher.beforeChange(this, start, end);
		}
	}

	/** The bytes that an extending write will overwrite; undefined where it cannot be undone. */
	async #overlap(offset: number, end: number): Promise<Uint8Array | undefined> {
		const length = Math.max(0, this.#size - offset);
		if (end <= this.#size || length > UNDO_BYTES_MAX) {
			return undefined;
		}
		const bytes = new Uint8Array(length);
		if (length === 0) {
			return bytes;
		}
		// If a truncation under way made the file shorter, there is more to undo than this write.
		const found = countRead(await this.#file.read([bytes], offset), length);
		return found < length ? undefined : bytes;
	}

	async #undoably(
		what: string,
		step: () => Awaitable<void>,
		wasAlone: () => boolean,
		undo: () => Promise<boolean>,
	): Promise<void> {
		try {
			await step();
		} catch (error) {
			this.#end.forget(this.#size);
			if (!(isNoSpace(error) && wasAlone() && (await undo()))) {
				this.#poison(what, error);
			}
			throw error;
		}
	}

	async #undo(
		offset: number,
		overlap: Uint8Array | undefined,
	): Promise<boolean> {
		if (overlap === undefined) {
			return false;
		}
		// Not at once: a change that the host triggers meanwhile must find `#undoing`.
		this.#undoing = Promise.resolve().then(() =>
			this.#cutBack(offset, overlap),
		);
		try {
			return await this.#undoing;
		} finally {
			this.#undoing = undefined;
		}
	}

	async #cutBack(offset: number, overlap: Uint8Array): Promise<boolean> {
		try {
			await this.#file.truncate(this.#size);
			if (overlap.length > 0) {
				await this.#file.write([overlap], offset);
			}
			await this.#file.sync();
			this.#changesSynced = this.#changesBegun;
			return true;
		} catch (error) {
			this.#poison("undoing a write that found the disk full", error);
			return false;
		}
	}

	#poison(what: string, cause: unknown): void {
		this.#failure ??= poisoned(this.path, what, cause);
	}

	#refuseIfPoisoned(): void {
		if (this.#failure !== undefined) {
			throw this.#failure;
		}
	}
}
