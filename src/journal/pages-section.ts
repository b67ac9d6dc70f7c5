import type { StorageError } from "../errors.ts";
import type { PagedFile } from "../paged/paged-file.ts";
import type { StorageBlob } from "../storage/storage-blob.ts";
import type { OpenSection } from "./open-section.ts";
import type { OpenedPages } from "./page-partition.ts";

/** A section whose bytes lie in the pages of a blob. */
export abstract class PagesSection implements OpenSection {
	readonly blob: StorageBlob;
	readonly paged: PagedFile;
	readonly #pageSize: number;

	protected constructor({ blob, paged }: OpenedPages, pageSize: number) {
		this.blob = blob;
		this.paged = paged;
		this.#pageSize = pageSize;
	}

	abstract get size(): number;

	get failure(): StorageError | undefined {
		return this.paged.failure;
	}

	get isDurable(): boolean {
		return this.paged.isDurable;
	}

	get isClean(): boolean {
		return this.paged.isClean;
	}

	sync(): Promise<void> {
		return this.paged.sync();
	}

	async planRewind(size: number): Promise<() => Promise<void>> {
		if (this.failure !== undefined) {
			throw this.failure;
		}
		if (size < this.size && size % this.#pageSize !== 0) {
			// Rejects if the new last page is damaged.
			await this.paged.reads.read(size - 1, 1);
		}
		return async () => {
			await this.shrink(size);
			// Without a shrink, the bytes that stay may not be durable.
			await this.sync();
		};
	}

	/** Durable when it resolves. */
	async shrink(size: number): Promise<void> {
		if (this.paged.size > size) {
			await this.paged.resize(size);
			await this.paged.sync();
		}
	}

	close(): Promise<void> {
		return this.paged.close();
	}

	drop(): Promise<void> {
		return this.paged.drop();
	}
}
