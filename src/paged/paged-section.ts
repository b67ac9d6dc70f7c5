import type { PartitionConfig } from "../storage/own-files/partition-config.ts";

/** What a journal tells the paged blob of one of its sections. */
export interface PagedSection {
	/** The partition's record in dualslot.json; by default, one of paged blobs. */
	readonly config?: PartitionConfig;
	/** How this session left the blob, if it had the blob open before. */
	readonly left?: LeftBlob | undefined;
	readonly barrier?: WriteBarrier;
}

/**
 * Makes durable the bytes that pages point at. Each write of pages waits for it; bytes appended
 * meanwhile are not written with them.
 */
export type WriteBarrier = () => Promise<void>;

/** How a session left a blob that it opens again. */
export interface LeftBlob {
	/** Logical bytes. Another size at open is damage: nothing is cut. */
	readonly size: number;
	/** Whether all of it is durable. */
	readonly isDurable: boolean;
}
