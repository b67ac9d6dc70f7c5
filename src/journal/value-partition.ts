import { VALUE_CRC_SIZE } from "../../assembly/format.ts";
import { checkStorage } from "../arguments.ts";
import { checkPartitionName } from "../names.ts";
import type { PartitionConfig } from "../partition-config.ts";
import type { Storage } from "../storage.ts";
import { writeBufferSize } from "../write-buffer.ts";
import { blobNameOfSection } from "./section.ts";
import { removeBlobOfSection } from "./section-partition.ts";
import { ValueSection } from "./value-section.ts";

/** The partition of a journal whose sections are values. */
export class ValuePartition {
	readonly storage: Storage;
	readonly name: string;
	readonly #capacity: number;
	readonly #config: PartitionConfig;

	/** Throws ERR_CONFIG when dualslot.json knows the partition otherwise, RangeError and TypeError for no write buffer. */
	constructor(
		storage: Storage,
		name: string,
		writeBuffer: number | undefined,
		config: PartitionConfig,
	) {
		checkStorage(storage);
		checkPartitionName(name);
		const capacity = Math.max(writeBufferSize(writeBuffer), VALUE_CRC_SIZE);
		storage.checkConfig(name, config);
		this.storage = storage;
		this.name = name;
		this.#capacity = capacity;
		this.#config = config;
	}

	/** Opens a section, and makes it where it is missing. `isDurable` where this session knows that all it holds is. */
	async open(section: bigint, isDurable: boolean): Promise<ValueSection> {
		const { storage, name } = this;
		const blob = await storage.open(name, blobNameOfSection(section));
		// Its journal ends it, and not the store.
		storage.unregister(blob);
		try {
			await storage.configure(name, this.#config);
			return new ValueSection(storage, blob, this.#capacity, isDurable);
		} catch (error) {
			await blob.drop();
			throw error;
		}
	}

	/** Durable when it resolves. */
	async remove(section: bigint): Promise<void> {
		await removeBlobOfSection(this.storage, this.name, section);
	}
}
