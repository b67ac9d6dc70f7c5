import { assertionFailure } from "../checks.ts";
import { failingAs, StorageError } from "../errors.ts";
import type { LatchedFile } from "../host/latch.ts";
import { SEQUENTIAL_READ_BYTES } from "../host/read-sizes.ts";
import type {
	FilesWatcher,
	OpenFile,
	OpenFiles,
} from "../storage/open-files.ts";
import { UNSYNCED_WINDOW } from "../storage/unsynced-window.ts";
import { endingAll, endingIfFailed } from "../turns/endings.ts";

/** Old bytes of a file are kept in blocks of this size. A read covers whole blocks. */
const BLOCK_BYTES = 4096;
const COPIED = Number.POSITIVE_INFINITY;
/** The most bytes kept, for all files, of bytes overwritten or cut before they were copied. */
const KEPT_BYTES_MAX = UNSYNCED_WINDOW;
/** The most removed files kept open until they are copied. */
const HELD_FILES_MAX = 64;

/** A file as it was at the snapshot's moment. */
interface SnapshotFile {
	/** Undefined until somebody opens the file: until then its size is unchanged. */
	size: number | undefined;
	/** Bytes from 0 on that need not be kept any more. */
	copied: number;
	/** Old blocks that have changed since, by number. */
	readonly kept: Map<number, Uint8Array>;
	/** Open for the copy: the file that had the name at that moment. */
	held: OpenFile | undefined;
}

/** Opens the files of a store, for the holder of its turn. */
export interface SnapshotSource {
	readonly files: OpenFiles;
	readonly readOnly: boolean;
	/** Runs with the store's turn. */
	exclusively<T>(body: () => Promise<T>): Promise<T>;
}

/**
 * The files of a store as they were at one moment, while the store changes. Old bytes that are
 * overwritten or cut before they were copied are kept in memory, and a removed file is kept open.
 * This never fails the change: when the snapshot would have to keep too much, the snapshot fails.
 *
 * It is taken with the store's turn, but its files are read without it.
 */
export class Snapshot implements FilesWatcher {
	readonly #source: SnapshotSource;
	readonly #files: ReadonlyMap<string, SnapshotFile>;
	#keptBytes = 0;
	#heldFiles = 0;
	#failure: unknown;

	constructor(source: SnapshotSource, paths: readonly string[]) {
		this.#source = source;
		this.#files = new Map(
			paths.map((path) => [
				path,
				{ size: undefined, copied: 0, kept: new Map(), held: undefined },
			]),
		);
		for (const file of source.files.all) {
			this.opened(file);
		}
		source.files.watchers.add(this);
	}

	/** How long the file was. */
	async sizeOf(path: string): Promise<number> {
		const file = this.#file(path);
		if (file.size === undefined) {
			await this.#acquire(path, file);
			await this.#letGo(file);
		}
		return file.size ?? 0;
	}

	/** The file's bytes, in pieces. They can be read once. */
	async *read(path: string): AsyncGenerator<Uint8Array, void, undefined> {
		const size = await this.sizeOf(path);
		const file = this.#file(path);
		const open = await this.#acquire(path, file);
		let isOver = false;
		const end = () => {
			isOver = true;
			file.copied = COPIED;
			this.#forget(file);
			return this.#letGo(file);
		};
		try {
			for (let at = 0; at < size; at += SEQUENTIAL_READ_BYTES) {
				const piece = new Uint8Array(
					Math.min(SEQUENTIAL_READ_BYTES, size - at),
				);
				const fill = () => this.#fill(piece, open.file, file, at);
				await endingIfFailed(fill, end);
				yield piece;
			}
		} finally {
			// The reader may stop early.
			await (isOver ? undefined : end());
		}
	}

	/** Releases everything, and stops watching. */
	async end(): Promise<void> {
		this.#source.files.watchers.delete(this);
		const files = [...this.#files.values()];
		await endingAll(files.map((file) => () => this.#letGo(file)));
	}

	opened(latched: LatchedFile): void {
		const file = this.#files.get(latched.path);
		if (file !== undefined) {
			file.size ??= latched.size();
		}
	}

	async beforeChange(
		latched: LatchedFile,
		start: number,
		end: number,
	): Promise<void> {
		const file = this.#files.get(latched.path);
		const isOther = file?.held !== undefined && file.held.file !== latched;
		if (file?.size === undefined || isOther) {
			return;
		}
		const last = Math.min(end, file.size);
		for (
			let block = Math.floor(Math.max(start, file.copied) / BLOCK_BYTES);
			block * BLOCK_BYTES < last && this.#failure === undefined;
			block += 1
		) {
			await this.#keep(file, latched, block);
		}
	}

	async beforeRemoval(path: string): Promise<void> {
		for (const [known, file] of this.#files) {
			const isRemoved = known === path || known.startsWith(`${path}/`);
			const isNeeded = file.held === undefined && file.copied !== COPIED;
			if (isRemoved && isNeeded && this.#failure === undefined) {
				await this.#failing(() => this.#hold(known, file));
			}
		}
	}

	async #hold(path: string, file: SnapshotFile): Promise<void> {
		if (this.#heldFiles === HELD_FILES_MAX) {
			throw tooMuch(`more than ${HELD_FILES_MAX} files were removed`, path);
		}
		this.#heldFiles += 1;
		await this.#open(path, file);
	}

	async #keep(
		file: SnapshotFile,
		latched: LatchedFile,
		block: number,
	): Promise<void> {
		const at = block * BLOCK_BYTES;
		const length = Math.min(BLOCK_BYTES, (file.size ?? 0) - at);
		if (file.kept.has(block)) {
			return;
		}
		await this.#failing(async () => {
			if (this.#keptBytes + length > KEPT_BYTES_MAX) {
				const what = `more than ${KEPT_BYTES_MAX} bytes were overwritten or cut`;
				throw tooMuch(what, latched.path);
			}
			this.#keptBytes += length;
			const bytes = new Uint8Array(length);
			await readInto(bytes, latched, at);
			file.kept.set(block, bytes);
		});
	}

	/** The change goes on, even if the snapshot fails. */
	async #failing(step: () => Promise<void>): Promise<void> {
		try {
			await step();
		} catch (error) {
			this.#failure ??= error;
			for (const file of this.#files.values()) {
				this.#forget(file);
			}
		}
	}

	async #fill(
		piece: Uint8Array,
		latched: LatchedFile,
		file: SnapshotFile,
		at: number,
	): Promise<void> {
		let filled = await readInto(piece, latched, at);
		// A failed snapshot has forgotten its blocks.
		if (this.#failure !== undefined) {
			throw this.#failure;
		}
		for (let start = 0; start < piece.length; start += BLOCK_BYTES) {
			const kept = file.kept.get((at + start) / BLOCK_BYTES);
			if (kept !== undefined) {
				piece.set(kept, start);
				filled =
					filled < start ? filled : Math.max(filled, start + kept.length);
			}
		}
		if (filled < piece.length) {
			const { path } = latched;
			const place = { path, offset: at, expected: piece.length, found: filled };
			throw new StorageError(
				"ERR_BLOB_INSUFFICIENT_LENGTH",
				`${path} has become shorter while it was copied`,
				place,
			);
		}
		file.copied = at + piece.length;
	}

	/** The kept blocks of a file are no longer needed. */
	#forget({ kept }: SnapshotFile): void {
		for (const { length } of kept.values()) {
			this.#keptBytes -= length;
		}
		kept.clear();
	}

	/** Opens the file of that name, or the one held since its removal. */
	#acquire(path: string, file: SnapshotFile): Promise<OpenFile> {
		return this.#source.exclusively(
			async () => file.held ?? this.#open(path, file),
		);
	}

	/** Within the store's turn. */
	async #open(path: string, file: SnapshotFile): Promise<OpenFile> {
		const { files, readOnly } = this.#source;
		const open = await failingAs(
			"ERR_BLOB_OPEN_FAILED",
			`blob open failed: ${path}`,
			{ path },
			() => files.acquire(path, readOnly ? "read" : "write"),
		);
		if (open === undefined) {
			throw new StorageError(
				"ERR_BLOB_MISSING",
				`${path} was removed while it was copied`,
				{ path },
			);
		}
		file.held = open;
		return open;
	}

	async #letGo(file: SnapshotFile): Promise<void> {
		const { held } = file;
		file.held = undefined;
		if (held !== undefined) {
			await this.#source.files.release(held);
		}
	}

	#file(path: string): SnapshotFile {
		const file = this.#files.get(path);
		if (file === undefined) {
			throw assertionFailure(`${path} is not in the snapshot`);
		}
		return file;
	}
}

function readInto(
	target: Uint8Array,
	file: LatchedFile,
	offset: number,
): Promise<number> {
	const { path } = file;
	return failingAs("ERR_READ_FAILED", `read failed: ${path}`, { path }, () =>
		file.read([target], offset),
	);
}

function tooMuch(what: string, path: string): StorageError {
	return new StorageError(
		"ERR_MEMORY",
		`the store cannot be copied as it was: ${what} before they were copied, ${path} the last of them`,
		{ path },
	);
}
