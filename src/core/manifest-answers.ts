import * as format from "../../assembly/format.ts";

/** The verdict on a snapshot's header. */
export type SnapshotVerdict =
	| {
			readonly status: "ok";
			/** Mappings that follow it. */
			readonly count: number;
			/** The field that is written as 0. */
			readonly reserved: number;
	  }
	| { readonly status: "short" | "magic" | "version" };

/** What is wrong with a record, in commonware's and holt's sense of corrupt. */
export type LogDamage =
	| "magic"
	| "crc"
	| "set length"
	| "delete length"
	| "unknown op";

/** The whole records that follow each other at the start of some bytes. */
export interface LogRun {
	/** Where the last of them ends. */
	readonly end: number;
	readonly records: number;
	/**
	 * What comes there: nothing; a record that goes on past the bytes, in the file or past its end
	 * too; one that the manifest has no room for; one longer than any valid one; or no record.
	 */
	readonly stop: "end" | "more" | "short" | "full" | "long" | LogDamage;
}

export type FreeVerdict =
	| { readonly status: "ok"; readonly ranges: SlotRange[] }
	| { readonly status: "past next" | "duplicate"; readonly slot: bigint };

/** Free slots: the first and the last of them. */
export interface SlotRange {
	readonly first: bigint;
	readonly last: bigint;
}

/** The record in frames.crc for the frame in a slot. */
export interface FrameRecord {
	/** CRC-32C of the frame. */
	readonly crc: number;
	readonly generation: number;
	/** The offset in that generation's log of the record that gave the slot to its GUID. */
	readonly position: number;
}

/** Records of frames.crc that are judged together: the first one's slot, and their count. */
export interface RecordRun {
	readonly first: number;
	readonly count: number;
}

/** The generations whose records count, and the log's bytes. */
export interface RecordOrigins {
	readonly log: number;
	readonly snapshot: number;
	readonly logSize: number;
}

/**
 * A stamp of frames.crc: the snapshot that a generation began with, and the log that it folded up.
 */
export interface FrameStamp {
	/** In a later version the other fields are unknown. */
	readonly version: number;
	readonly generation: number;
	readonly snapshotCrc: number;
	readonly snapshotSize: number;
	readonly logSize: number;
	readonly logCrc: number;
}

export const SNAPSHOT_STATUSES = {
	[format.SNAPSHOT_SHORT]: "short",
	[format.SNAPSHOT_MAGIC]: "magic",
	[format.SNAPSHOT_VERSION]: "version",
} as const;

export const LOG_STOPS = {
	[format.LOG_END]: "end",
	[format.LOG_MORE]: "more",
	[format.LOG_FULL]: "full",
	[format.LOG_SHORT]: "short",
	[format.LOG_LONG]: "long",
	[format.LOG_MAGIC]: "magic",
	[format.LOG_CRC]: "crc",
	[format.LOG_SET_LENGTH]: "set length",
	[format.LOG_DELETE_LENGTH]: "delete length",
	[format.LOG_UNKNOWN_OP]: "unknown op",
} as const;
