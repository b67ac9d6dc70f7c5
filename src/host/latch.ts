import { lengthOf } from "../bytes.ts";
import { isPromise } from "../checks.ts";
import { isNoSpace, type StorageError } from "../errors.ts";
import { poisoned } from "../refusals.ts";
import type { Awaitable } from "../turns/awaitable.ts";
import { yieldIfDue } from "../turns/event-loop.ts";
import { countRead, fileSize } from "./answers.ts";
import { FileEnd } from "./file-end.ts";
import type { FileTraits, HostFile, HostWriteOptions } from "./host.ts";

/**
 * An overlap longer than this is not worth reading before each write, only to be able to undo it.
 */
const UNDO_BYTES_MAX = 4096;

/** Sees every change of a file before it is made, and before that is handed to the host. */
export interface FileWatcher {
	/** Bytes from `start` on, up to `end`, are about to be others, or none. Never rejects. */
	beforeChange(file: LatchedFile, start: number, end: number): Promise<void>;
}

/**
 * The failure latch. After a failed write, truncation or sync nobody knows what the file holds, so
 * every mutation that follows is refused with ERR_POISONED until the file is opened anew; reads go
 * on. A failed sync above all is never retried: the kernel reports it once and then calls the lost
 * bytes clean.
 *
 * A write or an extension for which the disk had no room is undone: the file is cut back, the bytes
 * that it overlapped are put back, and synced. Only when that succeeds is the file as it was, and
 * the latch stays open. Where another change was under way meanwhile nobody knows whose bytes are
 * there, and nothing is undone; nor is a synced write behind changes that no sync has covered: what
 * the kernel then tells may be of them, and it tells it once.
 */
export class LatchedFile implements HostFile {
	readonly traits: FileTraits;
	readonly #file: HostFile;
	readonly path: string;
	readonly #watchers: ReadonlySet<FileWatcher>;
	#size: number;
	readonly #end: FileEnd;
	#failure: StorageError | undefined;
	#changesUnderWay = 0;
	#changesBegun = 0;
	/** Of them, those that are durable. */
	#changesSynced = 0;
	/** A change that comes while another is undone waits for that. */
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

	/** Why mutations are refused, or undefined while they are not. */
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
			// What was read may tell the last bytes, unless they were changed meanwhile.
			const isCurrent = generation === this.#end.generation;
			if (found === length && isCurrent && this.#end.isNews(offset, found)) {
				this.#end.read(targets, offset);
			}
			return found;
		};
		return isPromise(count) ? count.then(notice) : notice(count);
	}

	/** Tells of the file's last bytes before they change: once, as soon as they are read. */
	expectEnd(expected: (bytes: Uint8Array) => void): void {
		this.#end.expect(expected);
	}

	/**
	 * The file's last bytes, which are read where they are not known; undefined where there are fewer
	 * by now.
	 */
	async lastBytes(): Promise<Uint8Array | undefined> {
		if (this.#end.bytes === undefined) {
			const { start } = this.#end;
			await this.read([new Uint8Array(this.#size - start)], start);
		}
		return this.#end.bytes;
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
		// Writing no bytes extends nothing, wherever it would begin.
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
			// A sync that found no room, too, has lost what it was to make durable.
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

	/** Answers whether no other change has been under way since. */
	#beginChange(): () => boolean {
		const isFirst = this.#changesUnderWay === 0;
		this.#changesUnderWay += 1;
		this.#changesBegun += 1;
		const begun = this.#changesBegun;
		return () => isFirst && this.#changesBegun === begun;
	}

	/** Resolves when nothing is undone any more; throws where that has failed. */
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

	/**
	 * The bytes that an extending write is about to overwrite; undefined where it cannot be undone.
	 */
	async #overlap(offset: number, end: number): Promise<Uint8Array | undefined> {
		const length = Math.max(0, this.#size - offset);
		if (end <= this.#size || length > UNDO_BYTES_MAX) {
			return undefined;
		}
		const bytes = new Uint8Array(length);
		if (length === 0) {
			return bytes;
		}
		// Where a truncation under way has made the file shorter there is more than this write to undo.
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
		// Not at once: a change that the host brings about meanwhile is to find it.
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
