import { isWritableStream } from "../checks.ts";
import { StorageError } from "../errors.ts";
import { contextOf, type Storage } from "../storage/storage.ts";
import type { Handle } from "../storage/store-end.ts";
import { onAbort } from "../turns/abort.ts";
import { deferred } from "../turns/deferred.ts";
import { endingWith } from "../turns/endings.ts";
import { yieldIfDue } from "../turns/event-loop.ts";
import { withoutCutBytes } from "./exported-pages.ts";
import {
	checkTransfer,
	type TransferOptions,
	type TransferResult,
	TransferTally,
} from "./progress.ts";
import {
	type ExportSource,
	type StoreImage,
	takeImage,
} from "./store-image.ts";
import { END_OF_ARCHIVE, encodeHeader, paddingOf } from "./tar.ts";

/**
 * Writes a store to a target as a tar of its files, the same in every host, and closes the target.
 * The tar has the store at one moment, with all appends until then. Appends wait while that is made
 * durable, and go on while it is copied. A copy that fails, or that the signal ends, aborts the
 * target.
 *
 * @throws {TypeError} for no target.
 * @throws {StorageError} ERR_POISONED after a failed write or sync, ERR_MEMORY when more of the
 * files is cut or overwritten meanwhile than can be kept, ERR_CLOSED, ERR_IO; errors of the target
 * and of `progress`, unchanged.
 */
export async function exportTo(
	storage: Storage,
	target: WritableStream<Uint8Array>,
	options: TransferOptions = {},
): Promise<TransferResult> {
	const context = contextOf(storage);
	context.refuseIfClosed();
	return StoreExport.run(context, target, options);
}

/** An export that is under way. It ends before its store does. */
class StoreExport implements Handle {
	readonly #source: ExportSource;
	readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
	readonly #options: TransferOptions;
	/** Rejects the current step: there is one at a time. */
	#interrupt: (reason: unknown) => void = () => undefined;
	#aborted: { readonly reason: unknown } | undefined;
	readonly #ended = deferred();

	private constructor(
		source: ExportSource,
		target: WritableStream<Uint8Array>,
		options: TransferOptions,
	) {
		this.#source = source;
		this.#options = options;
		this.#writer = target.getWriter();
	}

	/**
	 * Writes the store's files to a target as a tar and closes the target, or aborts it and rejects.
	 */
	static async run(
		source: ExportSource,
		target: WritableStream<Uint8Array>,
		options: TransferOptions,
	): Promise<TransferResult> {
		checkTransfer(options);
		if (!isWritableStream(target)) {
			throw new TypeError("an export's target is a WritableStream");
		}
		const { signal } = options;
		const run = new StoreExport(source, target, options);
		const abort = () => run.#abort(signal?.reason);
		const unlisten = onAbort(signal, abort);
		try {
			if (signal?.aborted) {
				abort();
			}
			return await run.#run();
		} finally {
			unlisten();
		}
	}

	close(): Promise<void> {
		return this.drop();
	}

	async drop(): Promise<void> {
		const path = this.#source.host.location;
		const message = `${path} was closed while it was exported`;
		this.#abort(new StorageError("ERR_CLOSED", message, { path }));
		await this.#ended.promise;
	}

	async #run(): Promise<TransferResult> {
		this.#source.handles.add(this);
		try {
			const result = await this.#copy();
			await this.#unlessAborted(this.#writer.close());
			return result;
		} catch (error) {
			// A failure to abort adds nothing to the error.
			this.#writer.abort(error).catch(() => undefined);
			throw error;
		} finally {
			this.#writer.releaseLock();
			this.#source.handles.delete(this);
			this.#ended.resolve();
		}
	}

	async #copy(): Promise<TransferResult> {
		await this.#unlessAborted(Promise.resolve());
		const image = await takeImage(this.#source);
		return endingWith(
			() => this.#write(image),
			() => image.snapshot.end(),
		);
	}

	async #write(image: StoreImage): Promise<TransferResult> {
		const tally = await this.#measured(image);
		for (const [name, bytes] of image.own) {
			await this.#writeFile(name, bytes.length, [bytes], tally);
		}
		for (const [partition, paths] of image.partitions) {
			const kind = "directory";
			await this.#put(encodeHeader({ path: partition, kind, size: 0 }));
			for (const path of paths) {
				const size = await image.snapshot.sizeOf(path);
				const all = image.snapshot.read(path);
				const pieces = this.#exported(partition, all, size);
				await this.#writeFile(path, size, pieces, tally);
			}
		}
		await this.#put(END_OF_ARCHIVE.slice());
		return tally.result;
	}

	/** The exported bytes of a file: all of them, unless its partition is known to hold pages. */
	#exported(
		partition: string,
		pieces: AsyncIterable<Uint8Array>,
		size: number,
	): AsyncIterable<Uint8Array> {
		const known = this.#source.config.get(partition);
		return known !== undefined && "pageSize" in known
			? withoutCutBytes(pieces, size, known.pageSize, this.#source)
			: pieces;
	}

	async #measured({ own, partitions, snapshot }: StoreImage) {
		let files = own.size;
		let bytes = 0;
		for (const { length } of own.values()) {
			bytes += length;
		}
		for (const path of [...partitions.values()].flat()) {
			files += 1;
			bytes += await snapshot.sizeOf(path);
		}
		return new TransferTally(this.#options, files, bytes);
	}

	async #writeFile(
		path: string,
		size: number,
		pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
		tally: TransferTally,
	): Promise<void> {
		tally.add(path, 0);
		await this.#put(encodeHeader({ path, kind: "file", size }));
		for await (const piece of pieces) {
			await this.#put(piece);
			tally.add(path, piece.length);
		}
		await this.#put(new Uint8Array(paddingOf(size)));
		tally.end(path);
	}

	/** When this resolves the target has taken the bytes: at most one piece is under way. */
	async #put(bytes: Uint8Array): Promise<void> {
		if (bytes.length > 0) {
			await this.#unlessAborted(this.#writer.ready);
			await this.#unlessAborted(this.#writer.write(bytes));
			await yieldIfDue();
		}
	}

	/** Without a current step, the next step rejects. */
	#abort(reason: unknown): void {
		this.#aborted ??= { reason };
		this.#interrupt(reason);
	}

	#unlessAborted<T>(step: Promise<T>): Promise<T> {
		// `Promise.race` with a long-lived promise would keep every step alive as long.
		return new Promise((resolve, reject) => {
			this.#interrupt = reject;
			step.then(resolve, reject);
			if (this.#aborted !== undefined) {
				reject(this.#aborted.reason);
			}
		});
	}
}
