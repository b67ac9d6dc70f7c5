import { VALUE_CRC_SIZE } from "../../../assembly/format.ts";
import { tellOfBuffer, writeBufferSize } from "../../paged/write-buffer.ts";
import type { StoreContext } from "../../storage/context.ts";
import type { PartitionConfig } from "../../storage/own-files/partition-config.ts";
import type { Owner } from "../../storage/owners.ts";
import { endingIfFailed } from "../../turns/endings.ts";
import { blobNameOfSection } from "../section.ts";
import {
	isSectionOwed,
	type OwnedPartition,
	removeBlobOfSection,
} from "../section-blobs.ts";
import { ValueSection } from "./value-section.ts";

/** The partition of a journal whose sections are values. */
export class ValuePartition {
	readonly storage: StoreContext;
	readonly name: string;
	readonly #owner: Owner;
	readonly #capacity: number;
	readonly #config: PartitionConfig;

	/**
	 * Throws ERR_CONFIG if dualslot.json records the partition differently, RangeError and TypeError
	 * for a bad buffer.
	 */
	constructor(
		{ storage, owner, name }: OwnedPartition,
		writeBuffer: number | undefined,
		config: PartitionConfig,
	) {
		const capacity = Math.max(writeBufferSize(writeBuffer), VALUE_CRC_SIZE);
		storage.checkConfig(name, config);
		const place = { partition: name };
		tellOfBuffer(owner.observer, place, writeBuffer, capacity);
		this.storage = storage;
		this.name = name;
		this.#owner = owner;
		this.#capacity = capacity;
		this.#config = config;
	}

	/** Bytes of the write buffer of an open section. */
	get bufferBytes(): number {
		return this.#capacity;
	}

	/** Whether a crash may have left a hole in the section. */
	isOwed(section: bigint): boolean {
		return isSectionOwed(this.storage, this.name, section);
	}

	/**
	 * Opens a section; makes a missing one. `isDurable`: this session knows that all of it is
	 * durable.
	 */
	async open(section: bigint, isDurable: boolean): Promise<ValueSection> {
		const { storage, name } = this;
		const blobName = blobNameOfSection(section);
		const blob = await storage.openOwned(this.#owner, name, blobName);
		const make = async () => {
			await storage.configure(name, this.#config);
			return new ValueSection(storage, blob, this.#capacity, isDurable);
		};
		return endingIfFailed(make, () => blob.drop());
	}

	/** Durable when it resolves. */
	async remove(section: bigint): Promise<void> {
		await removeBlobOfSection(this.storage, this.#owner, this.name, section);
	}
}
