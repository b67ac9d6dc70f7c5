import type { PartitionConfig } from "../storage/own-files/partition-config.ts";

/** What a journal has to say of the paged blob that holds a section of it. */
export interface PagedSection {
	/** What dualslot.json says of the partition, instead of that it holds paged blobs. */
	readonly config?: PartitionConfig;
	/** How this session left the blob, where it had it open before. */
	readonly left?: LeftBlob | undefined;
	readonly barrier?: WriteBarrier;
}

/**
 * Makes durable whatever pages point at. Each write of pages to the host waits for it; what is
 * appended meanwhile is not written with them.
 */
export type WriteBarrier = () => Promise<void>;

/** How a session left a blob that it opens again. */
export interface LeftBlob {
	/** Logical bytes. Any other size is damage, and nothing is cut for it. */
	readonly size: number;
	/** Whether all of it is durable. */
	readonly isDurable: boolean;
}
