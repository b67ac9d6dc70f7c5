import { StorageError } from "../../errors.ts";
import type { Host } from "../../host/host.ts";
import { ConfigFiles } from "./config-files.ts";
import type { TextChecksum } from "./own-file.ts";
import type { PartitionConfig } from "./partition-config.ts";

/**
 * The parameters that each partition was written with, so that opening it with others is an error
 * and never a cut. They lie in files outside every partition, where commonware does not look. Each
 * change is durable when it resolves; callers make one at a time.
 */
export class StoreConfig {
	readonly #files: ConfigFiles;
	#partitions: Map<string, PartitionConfig>;

	private constructor(
		files: ConfigFiles,
		partitions: Map<string, PartitionConfig>,
	) {
		this.#files = files;
		this.#partitions = partitions;
	}

	/** Throws ERR_CONFIG for damaged files, ERR_VERSION. Missing files are an empty configuration. */
	static async load(host: Host, checksum: TextChecksum): Promise<StoreConfig> {
		const files = new ConfigFiles(host, checksum);
		return new StoreConfig(files, await files.read());
	}

	get(partition: string): PartitionConfig | undefined {
		return this.#partitions.get(partition);
	}

	/** The partitions whose blobs are pages. */
	pagedPartitions(): string[] {
		return [...this.#partitions]
			.filter(([, config]) => "pageSize" in config)
			.map(([partition]) => partition);
	}

	/** Whether an open of the partition's blobs reads their ends. */
	readsEnds(partition: string): boolean {
		const config = this.#partitions.get(partition);
		return config !== undefined && ("pageSize" in config || "index" in config);
	}

	/**
	 * Returns whether the partition is known. Throws ERR_CONFIG when it is known to hold something
	 * else.
	 */
	check(partition: string, config: PartitionConfig): boolean {
		const known = this.#partitions.get(partition);
		if (known === undefined) {
			return false;
		}
		const expected = JSON.stringify(known);
		const found = JSON.stringify(config);
		if (expected !== found) {
			throw new StorageError(
				"ERR_CONFIG",
				`partition ${partition} was written as ${expected}, and is opened as ${found}`,
				{ partition, expected, found },
			);
		}
		return true;
	}

	/**
	 * Records a partition's parameters before its first byte is written with them. After a failed
	 * write they are not known either, so that a retry writes them.
	 */
	async set(partition: string, config: PartitionConfig): Promise<void> {
		await this.#files.record([partition, config], this.#partitions);
		this.#partitions.set(partition, config);
	}

	async delete(partition: string): Promise<void> {
		if (this.#partitions.has(partition)) {
			await this.#files.record([partition, null], this.#partitions);
			this.#partitions.delete(partition);
		}
	}

	/** Whether nothing is known of any partition. */
	get isEmpty(): boolean {
		return this.#partitions.size === 0;
	}

	/** After a crash: some of what is found may not be durable yet. */
	async adopt(): Promise<void> {
		await this.#files.adopt(this.#partitions);
	}

	/**
	 * Before a clean close, which would hide a failed change. Returns false when the disk has no room
	 * for it.
	 */
	async settle(): Promise<boolean> {
		return this.#files.settle(this.#partitions);
	}

	/** After the files were removed. */
	forget(): void {
		this.#partitions = new Map();
		this.#files.forget();
	}

	/**
	 * The bytes of a dualslot.json with all that is on the disk; undefined where there is none.
	 * Throws ERR_CONFIG and ERR_VERSION.
	 */
	async bytes(): Promise<Uint8Array | undefined> {
		return this.#files.bytes();
	}

	/**
	 * Throws ERR_CONFIG and ERR_VERSION for an invalid dualslot.json, or changes that do not follow
	 * it. The returned function writes both durably in place of this.
	 */
	adoption(bytes: Uint8Array, changes?: Uint8Array): () => Promise<void> {
		const partitions = new Map(this.#files.judge(bytes, changes));
		return async () => {
			await this.#files.write(partitions);
			this.#partitions = partitions;
		};
	}
}
