import { readWhole, replaceFile } from "./durable-file.ts";
import { failingAs, StorageError } from "./errors.ts";
import type { Host } from "./host.ts";

export const CONFIG_FILE = "dualslot.json";
const FORMAT = 1;

/** What a partition holds and how: parameters that its own bytes do not record, and that a wrong open would cut by. */
export type PartitionConfig =
	| { readonly kind: "paged"; readonly pageSize: number }
	| {
			readonly kind: "fixed";
			readonly pageSize: number;
			readonly entry: { readonly size: number };
	  }
	| {
			readonly kind: "variable";
			readonly pageSize: number;
			readonly compression?: "zstd";
	  }
	/** `index` is the partition of the entries that point at the values, where there is one. */
	| {
			readonly kind: "glob";
			readonly index?: string;
			readonly compression?: "zstd";
	  }
	| {
			readonly kind: "oversized";
			readonly pageSize: number;
			readonly entry: {
				readonly size: number;
				readonly offsetAt: number;
				readonly sizeAt: number;
			};
			/** The partition of the values. */
			readonly values: string;
	  };

interface ConfigDocument {
	readonly format: number;
	readonly checksum: string;
	readonly partitions: Readonly<Record<string, PartitionConfig>>;
}

/** CRC-32C of a text's UTF-8 bytes. */
export type TextChecksum = (text: string) => number;

/**
 * `dualslot.json`: what each partition was written with, so that opening it otherwise is an error and never a cut.
 * It lies outside every partition, where commonware does not look. Its text is canonical and carries a checksum, so
 * that one flipped bit is noticed.
 */
export class StoreConfig {
	readonly #host: Host;
	readonly #checksum: TextChecksum;
	#partitions: ReadonlyMap<string, PartitionConfig>;

	private constructor(
		host: Host,
		checksum: TextChecksum,
		partitions: Map<string, PartitionConfig>,
	) {
		this.#host = host;
		this.#checksum = checksum;
		this.#partitions = partitions;
	}

	/** Throws ERR_CONFIG when the file is damaged or of a later format. A missing file is an empty configuration. */
	static async load(host: Host, checksum: TextChecksum): Promise<StoreConfig> {
		const bytes = await readWhole(host, CONFIG_FILE);
		const partitions = bytes === undefined ? new Map() : parse(bytes, checksum);
		return new StoreConfig(host, checksum, partitions);
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

	/** Throws ERR_CONFIG when the partition is known to hold something else. Answers whether it is known. */
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

	/** Throws ERR_CONFIG for what is no dualslot.json of this version; the answer writes it, durably, in the place of this. */
	adoption(bytes: Uint8Array): () => Promise<void> {
		const partitions = parse(bytes, this.#checksum);
		return () => this.#write(partitions);
	}

	/** What could not be written is not known either, so that whoever tries again writes it. */
	async #write(
		partitions: ReadonlyMap<string, PartitionConfig>,
	): Promise<void> {
		const text = serialize(partitions, this.#checksum);
		const bytes = new TextEncoder().encode(text);
		const place = { path: CONFIG_FILE };
		await failingAs("ERR_IO", `${CONFIG_FILE} was not written`, place, () =>
			replaceFile(this.#host, CONFIG_FILE, bytes),
		);
		this.#partitions = partitions;
	}
}

function serialize(
	partitions: ReadonlyMap<string, PartitionConfig>,
	checksum: TextChecksum,
): string {
	const sorted = Object.fromEntries(
		[...partitions].sort(([a], [b]) => (a < b ? -1 : 1)),
	);
	const document: ConfigDocument = {
		format: FORMAT,
		checksum: checksum(JSON.stringify(sorted)).toString(16).padStart(8, "0"),
		partitions: sorted,
	};
	return `${JSON.stringify(document, null, "\t")}\n`;
}

function parse(
	bytes: Uint8Array,
	checksum: TextChecksum,
): Map<string, PartitionConfig> {
	const document = parseJson(bytes);
	if (document.format !== FORMAT) {
		throw damaged(
			`it has format ${document.format}, this version reads ${FORMAT}`,
		);
	}
	const partitions = new Map(Object.entries(document.partitions ?? {}));
	const canonical = new TextEncoder().encode(serialize(partitions, checksum));
	const equal =
		canonical.length === bytes.length &&
		canonical.every((byte, index) => byte === bytes[index]);
	if (!equal) {
		throw damaged("its text and its checksum disagree");
	}
	return partitions;
}

function parseJson(bytes: Uint8Array): Partial<ConfigDocument> {
	try {
		const value: unknown = JSON.parse(
			new TextDecoder("utf-8", { fatal: true }).decode(bytes),
		);
		if (typeof value === "object" && value !== null) {
			return value;
		}
	} catch (error) {
		throw damaged("it is no JSON", error);
	}
	throw damaged("it is no object");
}

function damaged(reason: string, cause?: unknown): StorageError {
	return new StorageError(
		"ERR_CONFIG",
		`${CONFIG_FILE} cannot be trusted: ${reason}. If the data is known to be good, remove the file and open each partition with its own parameters`,
		{ path: CONFIG_FILE },
		cause,
	);
}
