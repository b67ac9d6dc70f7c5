import { failingAs, StorageError } from "../../errors.ts";
import type { Host } from "../../host/host.ts";
import {
	type OwnContent,
	OwnFile,
	type OwnFileKind,
	type OwnFinding,
	type TextChecksum,
} from "./own-file.ts";
import { type PartitionConfig, partitionsIn } from "./partition-config.ts";

export const CONFIG_FILE = "dualslot.json";

const KIND: OwnFileKind = {
	path: CONFIG_FILE,
	format: 1,
	covered: ({ partitions }, format) => (format === 1 ? partitions : undefined),
};

/**
 * `dualslot.json`: what each partition was written with, so that opening it otherwise is an error
 * and never a cut. It lies outside every partition, where commonware does not look. Its text is
 * canonical and carries a checksum, so that one flipped bit is noticed.
 */
export class StoreConfig {
	readonly #file: OwnFile;
	#partitions: ReadonlyMap<string, PartitionConfig>;

	private constructor(
		file: OwnFile,
		partitions: ReadonlyMap<string, PartitionConfig>,
	) {
		this.#file = file;
		this.#partitions = partitions;
	}

	/**
	 * Throws ERR_CONFIG when the file is damaged, ERR_VERSION. A missing file is an empty
	 * configuration.
	 */
	static async load(host: Host, checksum: TextChecksum): Promise<StoreConfig> {
		const file = new OwnFile(host, checksum, KIND);
		const found = await file.read();
		const partitions = found === undefined ? new Map() : trusted(found);
		return new StoreConfig(file, partitions);
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

	/** Whether whoever opens a blob of the partition will look at its end. */
	readsEnds(partition: string): boolean {
		const config = this.#partitions.get(partition);
		return config !== undefined && ("pageSize" in config || "index" in config);
	}

	/**
	 * Throws ERR_CONFIG when the partition is known to hold something else. Answers whether it is
	 * known.
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

	/** Records a partition's parameters, durably, before its first byte is written with them. */
	async set(partition: string, config: PartitionConfig): Promise<void> {
		await this.#write(new Map(this.#partitions).set(partition, config));
	}

	async delete(partition: string): Promise<void> {
		const left = new Map(this.#partitions);
		if (left.delete(partition)) {
			await this.#write(left);
		}
	}

	/** Whether nothing is known of any partition. */
	get isEmpty(): boolean {
		return this.#partitions.size === 0;
	}

	/** After the file was removed. */
	forget(): void {
		this.#partitions = new Map();
	}

	/** The file's bytes; undefined where it is not there. Throws ERR_CONFIG and ERR_VERSION. */
	async bytes(): Promise<Uint8Array | undefined> {
		const found = await this.#file.read();
		if (found !== undefined) {
			trusted(found);
		}
		return found?.bytes;
	}

	/**
	 * Throws ERR_CONFIG and ERR_VERSION for what is no dualslot.json; the answer writes it, durably,
	 * in the place of this.
	 */
	adoption(bytes: Uint8Array): () => Promise<void> {
		const partitions = trusted(this.#file.judge(bytes));
		return () => this.#write(partitions);
	}

	/** What could not be written is not known either, so that whoever tries again writes it. */
	async #write(
		partitions: ReadonlyMap<string, PartitionConfig>,
	): Promise<void> {
		const content = contentOf(partitions);
		trusted({ content });
		const place = { path: CONFIG_FILE };
		await failingAs("ERR_IO", `${CONFIG_FILE} was not written`, place, () =>
			this.#file.write(content),
		);
		this.#partitions = partitions;
	}
}

function contentOf(
	partitions: ReadonlyMap<string, PartitionConfig>,
): OwnContent {
	const sorted = [...partitions].sort(([one], [other]) =>
		one < other ? -1 : 1,
	);
	return { partitions: Object.fromEntries(sorted) };
}

/** Throws ERR_CONFIG. What is written passes too, so that it can be read again. */
function trusted(
	found: Pick<OwnFinding, "content" | "damage">,
): ReadonlyMap<string, PartitionConfig> {
	if (found.content === undefined) {
		throw damaged(found.damage ?? "");
	}
	return partitionsIn(found.content.partitions, (reason) => {
		throw damaged(reason);
	});
}

function damaged(reason: string): StorageError {
	return new StorageError(
		"ERR_CONFIG",
		`${CONFIG_FILE} cannot be trusted: ${reason}. If the data is known to be good, remove the file and open each partition with its own parameters`,
		{ path: CONFIG_FILE },
	);
}
