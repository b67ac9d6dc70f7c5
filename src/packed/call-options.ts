import type { HostCapabilities } from "../host/host.ts";
import type { LeaseOptions } from "./frames/frame-pool.ts";

/** The abilities of the store's host, as this store uses them. */
export interface PackedCapabilities extends HostCapabilities {
	/** Whether every transfer of frames bypasses the operating system's cache. */
	readonly directIO: boolean;
	/**
	 * Whether the disk has room reserved for all growth of blobs.dat; if not, a write can find the
	 * disk full later.
	 */
	readonly allocatesRoom: boolean;
}

export interface WriteManyOptions {
	/**
	 * Makes the frames durable too, but not yet their entries in the manifest: the next flush does
	 * that.
	 */
	readonly sync?: boolean;
}

export interface ReadManyOptions {
	/** Whether each GUID gets its own result; false by default. */
	readonly settle?: boolean;
}

/** Options of a walk over all frames. */
export type CoverOptions = Pick<LeaseOptions, "signal">;

export interface ReadRangeOptions {
	/** Whether the frame is checked against its checksum, if that is known; true by default. */
	readonly checked?: boolean;
}
