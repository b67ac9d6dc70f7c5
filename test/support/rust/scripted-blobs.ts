import { ascending, blobNameOfSection } from "../../../src/journal/section.ts";
import { foundSections } from "../../../src/journal/section-blobs.ts";
import { PageCache } from "../../../src/paged/cache.ts";
import { PagedBlob } from "../../../src/paged/paged-blob.ts";
import type { Storage } from "../../../src/storage/storage.ts";
import { contextOf } from "../../../src/storage/storage.ts";
import { ContentDigest } from "../oracles/content-digest.ts";
import { fromHex } from "../runs/bytes.ts";
import type { ScriptShape } from "./script-shape.ts";
import type { ScriptedJournal } from "./scripted-journal.ts";

/** Checksummed blobs without a journal above them; scripts call them sections too. */
export class ScriptedBlobs implements ScriptedJournal {
	readonly #storage: Storage;
	readonly #partition: string;
	readonly #cache: PageCache;
	readonly #writeBuffer: number;
	readonly #blobs = new Map<bigint, PagedBlob>();

	private constructor(
		storage: Storage,
		partition: string,
		{ pageSize, pages, writeBuffer }: ScriptShape,
	) {
		this.#storage = storage;
		this.#partition = partition;
		this.#cache = new PageCache(storage, { pageSize, pages });
		this.#writeBuffer = writeBuffer;
	}

	static async open(
		storage: Storage,
		partition: string,
		shape: ScriptShape,
	): Promise<ScriptedBlobs> {
		const blobs = new ScriptedBlobs(storage, partition, shape);
		for (const section of await foundSections(contextOf(storage), partition)) {
			await blobs.#open(section);
		}
		return blobs;
	}

	/** Returns the size after each item. */
	async append(section: bigint, items: readonly string[]): Promise<string> {
		const blob = this.#blobs.get(section) ?? (await this.#open(section));
		const sizes: number[] = [];
		for (const item of items) {
			await blob.append(fromHex(item));
			sizes.push(blob.size);
		}
		return sizes.join(" ");
	}

	async sync(section: bigint): Promise<void> {
		await this.#blobs.get(section)?.sync();
	}

	async syncAll(): Promise<void> {
		for (const blob of this.#blobs.values()) {
			await blob.sync();
		}
	}

	async prune(min: bigint): Promise<boolean> {
		const pruned = this.#sections.filter((section) => section < min);
		for (const section of pruned) {
			await this.#blobs.get(section)?.drop();
			this.#blobs.delete(section);
			await this.#storage.remove(this.#partition, blobNameOfSection(section));
		}
		return pruned.length > 0;
	}

	rewind(section: bigint, size: number): Promise<void> {
		return this.rewindSection(section, size);
	}

	async rewindSection(section: bigint, size: number): Promise<void> {
		const blob = this.#blobs.get(section) ?? (await this.#open(section));
		await blob.resize(size);
	}

	async size(section: bigint): Promise<number> {
		return this.#blobs.get(section)?.size ?? 0;
	}

	async digest(): Promise<ContentDigest> {
		const digest = new ContentDigest();
		for (const section of this.#sections) {
			const blob = this.#blobs.get(section);
			if (blob !== undefined) {
				digest.add(section, 0, await blob.read(0, blob.size));
			}
		}
		return digest;
	}

	recovery(): unknown {
		return this.#sections.map((section) => this.#blobs.get(section)?.recovery);
	}

	get #sections(): bigint[] {
		return ascending(this.#blobs.keys());
	}

	async #open(section: bigint): Promise<PagedBlob> {
		const name = blobNameOfSection(section);
		const blob = await this.#storage.open(this.#partition, name);
		const paged = await PagedBlob.open(blob, {
			cache: this.#cache,
			writeBuffer: this.#writeBuffer,
		});
		this.#blobs.set(section, paged);
		return paged;
	}
}
