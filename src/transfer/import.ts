import { hex } from "../bytes.ts";
import { isReadableStream } from "../checks.ts";
import { failingAs, reasonOf } from "../errors.ts";
import { placeFile } from "../host/durable-file.ts";
import { FileEnd } from "../host/file-end.ts";
import type { Host } from "../host/host.ts";
import { isBlobPath, isPartitionName, splitPath } from "../storage/names.ts";
import { CHANGES_FILE } from "../storage/own-files/change-log.ts";
import type { ClosedFile } from "../storage/own-files/close-record.ts";
import { CONFIG_FILE } from "../storage/own-files/config-content.ts";
import {
	halfImported,
	isHalfImported,
} from "../storage/own-files/import-mark.ts";
import { MARKER_FILE } from "../storage/own-files/marker.ts";
import { OWN_BYTES_MAX } from "../storage/own-files/own-file.ts";
import { contextOf, type Storage } from "../storage/storage.ts";
import { onAbort } from "../turns/abort.ts";
import type { Awaitable } from "../turns/awaitable.ts";
import {
	type ImportTarget,
	IS_TAKEN_LAST,
	isLeftOut,
	refuseUnlessEmpty,
} from "./import-target.ts";
import {
	checkTransfer,
	type TransferOptions,
	type TransferResult,
	TransferTally,
} from "./progress.ts";
import { badArchive, type TarHeader } from "./tar.ts";
import { TarReader } from "./tar-reader.ts";

/**
 * Fills a store from a tar that `exportTo` made in any host. The store must be empty, with nothing
 * open; nothing else can be opened meanwhile. Durable when it resolves. If it rejects, the store is
 * empty as before, and also when opened after a crash.
 *
 * @throws {TypeError} for no source.
 * @throws {StorageError} ERR_NOT_EMPTY, ERR_ARCHIVE for a tar that is damaged, cut short, or no
 * store's, ERR_READ_ONLY, ERR_CLOSED, ERR_NO_SPACE, ERR_IO; errors of the source and of `progress`,
 * unchanged.
 */
export async function importFrom(
	storage: Storage,
	source: ReadableStream<Uint8Array>,
	options: TransferOptions = {},
): Promise<TransferResult> {
	const context = contextOf(storage);
	checkTransfer(options);
	if (!isReadableStream(source)) {
		throw new TypeError("an import's source is a ReadableStream");
	}
	return context.exclusively(async () => {
		context.refuseIfReadOnly();
		try {
			return await StoreImport.run(context, source, options);
		} catch (error) {
			if (isHalfImported(error)) {
				context.refuseAll(error);
			}
			throw error;
		}
	});
}

/** Fills an empty store from a tar. When it fails, it leaves the store empty. */
class StoreImport {
	readonly #target: ImportTarget;
	readonly #host: Host;
	readonly #tar: TarReader;
	readonly #tally: TransferTally;
	readonly #signal: AbortSignal | undefined;
	/** The store's own files in the archive, which are written last. */
	readonly #own = new Map<string, Uint8Array>();
	/** Unique to this import. */
	readonly #name = randomName();
	/** The files made in each partition, by name. */
	readonly #partitions = new Map<string, Map<string, ClosedFile>>();
	/** The error of the source or the caller. */
	#outside: { readonly error: unknown } | undefined;

	private constructor(
		target: ImportTarget,
		reader: ReadableStreamDefaultReader<Uint8Array>,
		options: TransferOptions,
	) {
		this.#target = target;
		this.#host = target.host;
		this.#tar = new TarReader(reader);
		this.#tally = new TransferTally(options);
		this.#signal = options.signal;
	}

	/** Runs with the store's turn. Cancels the source when it fails. */
	static async run(
		target: ImportTarget,
		source: ReadableStream<Uint8Array>,
		options: TransferOptions,
	): Promise<TransferResult> {
		const { signal } = options;
		const reader = source.getReader();
		const run = new StoreImport(target, reader, options);
		// A failure to cancel adds nothing to the error.
		const cancel = (reason: unknown) =>
			reader.cancel(reason).catch(() => undefined);
		const abort = () => cancel(signal?.reason);
		const unlisten = onAbort(signal, abort);
		try {
			return await run.#run();
		} catch (error) {
			cancel(error);
			throw error;
		} finally {
			unlisten();
			reader.releaseLock();
		}
	}

	async #run(): Promise<TransferResult> {
		this.#signal?.throwIfAborted();
		await this.#io("", () => refuseUnlessEmpty(this.#target));
		this.#target.left.forgetAll();
		try {
			await this.#io("", () => this.#begin());
			await this.#copy();
			await this.#io("", () => this.#finish());
			return this.#tally.result;
		} catch (error) {
			await this.#empty(error);
			// A read that an abort has ended looks like the archive's end.
			this.#signal?.throwIfAborted();
			throw this.#outside === undefined ? error : this.#outside.error;
		}
	}

	/**
	 * The marker names the import before its first file exists, and, if no file comes, until it is
	 * raised again.
	 */
	async #begin(): Promise<void> {
		const { marker, mark, hasMetadata } = this.#target;
		if (hasMetadata) {
			await marker.raiseForImport(this.#name);
		}
		await mark.make(this.#name, hasMetadata);
	}

	async #empty(cause: unknown): Promise<void> {
		const { config, mark, hasMetadata } = this.#target;
		try {
			if (this.#partitions.size > 0) {
				// The import may have failed after it removed the mark. A crash while emptying must not
				// look like a store.
				await mark.make(this.#name, hasMetadata);
			}
			await mark.empty();
			config.forget();
		} catch (error) {
			const both = `${reasonOf(cause)}; and then: ${reasonOf(error)}`;
			const failures = new AggregateError([cause, error], both);
			throw halfImported(this.#host, failures);
		}
	}

	async #copy(): Promise<void> {
		for (;;) {
			const at = this.#tar.offset;
			const header = await this.#tar.next();
			this.#signal?.throwIfAborted();
			if (header === undefined) {
				return;
			}
			await this.#take(header, at);
		}
	}

	async #take(header: TarHeader, at: number): Promise<void> {
		const { path, kind, size } = header;
		if (isLeftOut(path) || isTop(header)) {
			await this.#tar.skip(size);
		} else if (IS_TAKEN_LAST.has(path)) {
			await this.#takeOwn(header, at);
		} else if (kind === "directory" && isPartitionName(path)) {
			await this.#makePartition(path);
		} else if (kind === "file" && isBlobPath(path)) {
			await this.#takeBlob(header, at);
		} else {
			const message = `${path || "a nameless entry"}, which is no ${kind} of a store`;
			throw badArchive(message, at, { found: path });
		}
	}

	async #takeOwn({ path, kind, size }: TarHeader, at: number): Promise<void> {
		if (kind !== "file" || size > OWN_BYTES_MAX || this.#own.has(path)) {
			throw badArchive(`a second ${path}, or one that is none`, at);
		}
		this.#tally.add(path, 0);
		const bytes = await this.#tar.whole(size);
		this.#own.set(path, bytes);
		// A damaged file is refused before anything more is copied.
		if (path === MARKER_FILE) {
			this.#target.marker.adoption(bytes);
		} else {
			this.#configAdoption();
		}
		this.#tally.add(path, size);
		this.#tally.end(path);
	}

	/** Undefined until there is a dualslot.json. Throws ERR_CONFIG and ERR_VERSION. */
	#configAdoption(): (() => Promise<void>) | undefined {
		const own = this.#own.get(CONFIG_FILE);
		const changes = this.#own.get(CHANGES_FILE);
		return own && this.#target.config.adoption(own, changes);
	}

	async #takeBlob({ path, size }: TarHeader, at: number): Promise<void> {
		await this.#makePartition(splitPath(path).partition);
		const known = await this.#io(path, () => this.#host.open(path, "read"));
		if (known !== undefined) {
			await known.close();
			throw badArchive(`a second ${path}`, at, { found: path });
		}
		this.#tally.add(path, 0);
		const end = new FileEnd(0);
		await this.#io(path, () =>
			placeFile(this.#host, path, this.#pieces(path, size, end)),
		);
		const { partition, name } = splitPath(path);
		const left = { size, end: hex(end.bytes ?? new Uint8Array()) };
		this.#partitions.get(partition)?.set(name, left);
		this.#tally.end(path);
	}

	async *#pieces(
		path: string,
		size: number,
		end: FileEnd,
	): AsyncGenerator<Uint8Array, void, undefined> {
		let at = 0;
		for (const pieces = this.#tar.content(size); ; at = end.size) {
			const { done, value } = await this.#fromOutside(() => pieces.next());
			if (done) {
				return;
			}
			end.wrote([value], at, at + value.length);
			yield value;
			await this.#fromOutside(async () => this.#tally.add(path, value.length));
		}
	}

	/**
	 * An error of the source or the caller is passed on unchanged, and not taken for one of the host.
	 */
	async #fromOutside<T>(step: () => Promise<T>): Promise<T> {
		try {
			this.#signal?.throwIfAborted();
			return await step();
		} catch (error) {
			this.#outside = { error };
			throw error;
		}
	}

	#io<T>(path: string, step: () => Awaitable<T>): Promise<T> {
		const message = `${path || this.#host.location} was not imported`;
		return failingAs("ERR_IO", message, { path }, step);
	}

	async #makePartition(partition: string): Promise<void> {
		if (!this.#partitions.has(partition)) {
			this.#partitions.set(partition, new Map());
			await this.#io(partition, () => this.#host.makeDirectory(partition));
		}
	}

	get #blobs(): string[] {
		return [...this.#partitions].flatMap(([partition, files]) =>
			[...files.keys()].map((name) => `${partition}/${name}`),
		);
	}

	/**
	 * All copied files are durable by name before the store's own files, and these before the import
	 * counts as whole.
	 */
	async #finish(): Promise<void> {
		const { marker, mark, left, hasMetadata } = this.#target;
		for (const partition of this.#partitions.keys()) {
			await this.#host.syncDirectory(partition);
		}
		await this.#host.syncDirectory("");
		if (hasMetadata) {
			await this.#configAdoption()?.();
		}
		this.#signal?.throwIfAborted();
		await mark.remove();
		const owed = this.#own.get(MARKER_FILE);
		if (owed !== undefined && hasMetadata) {
			marker.adoption(owed)(this.#blobs);
		}
		for (const [partition, files] of this.#partitions) {
			left.imported(partition, files);
		}
	}
}

/** The store's directory itself, which `tar` adds when it is given one. */
function isTop({ path, kind }: TarHeader): boolean {
	return kind === "directory" && (path === "." || path === "");
}

/** Of 106 bits. */
function randomName(): string {
	const half = () => Math.floor(Math.random() * 2 ** 53).toString(16);
	return `${half()}-${half()}`;
}
