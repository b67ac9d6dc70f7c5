import type { HostCapabilities } from "../host/host.ts";
import type { LeaseOptions } from "./frames/frame-pool.ts";

/** What the store's host can do, and what this store does with it. */
export interface PackedCapabilities extends HostCapabilities {
	/** Whether every transfer of frames goes past the operating system's cache. */
	readonly directIO: boolean;
	/**
	 * Whether there is room on the disk for all that blobs.dat has grown by; where not, a write can
	 * find the disk full later.
	 */
	readonly allocatesRoom: boolean;
}

export interface WriteManyOptions {
	/**
	 * Makes the frames durable too, though not yet that they are the GUIDs': a flush that follows has
	 * that left to do.
	 */
	readonly sync?: boolean;
}

export interface ReadManyOptions {
	/** Whether each GUID has an outcome of its own; false by default. */
	readonly settle?: boolean;
}

/** What ends a walk over all frames. */
export type CoverOptions = Pick<LeaseOptions, "signal">;

export interface ReadRangeOptions {
	/** Whether the frame is checked against its checksum, if that is known; true by default. */
	readonly checked?: boolean;
}
