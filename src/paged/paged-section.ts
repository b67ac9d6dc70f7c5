import type { PartitionConfig } from "../storage/own-files/partition-config.ts";

/** What a journal has to say of the paged blob that holds a section of it. */
export interface PagedSection {
	/** What dualslot.json says of the partition, instead of that it holds paged blobs. */
	readonly config?: PartitionConfig;
	/** How this session left the blob, where it had it open before. */
	readonly left?: LeftBlob | undefined;
	/**
	 * Awaited before each write to the host; what is appended while it waits is not written with it.
	 */
	readonly beforeWrite?: () => Promise<void>;
}

/** How a session left a blob that it opens again. */
export interface LeftBlob {
	/** Logical bytes. Any other size is damage, and nothing is cut for it. */
	readonly size: number;
	/** Whether all of it is durable. */
	readonly isDurable: boolean;
}
