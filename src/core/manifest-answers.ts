import * as format from "../../assembly/format.ts";

/** What a header of a snapshot says. */
export type SnapshotVerdict =
	| {
			readonly status: "ok";
			/** Mappings that follow it. */
			readonly count: number;
			/** What stands where 0 is written. */
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

/** The whole records that lie one behind the other at the start of some bytes. */
export interface LogRun {
	/** Where the last of them ends. */
	readonly end: number;
	readonly records: number;
	/**
	 * What comes there: nothing; a record that goes on past the bytes, in the file or past its end
	 * too; one that the manifest has no room for; one that is longer than any; or what is no record.
	 */
	readonly stop: "end" | "more" | "short" | "full" | "long" | LogDamage;
}

export type FreeVerdict =
	| { readonly status: "ok"; readonly ranges: SlotRange[] }
	| { readonly status: "past next" | "duplicate"; readonly slot: bigint };

/** Slots that nothing has: the first and the last of them. */
export interface SlotRange {
	readonly first: bigint;
	readonly last: bigint;
}

/** What frames.crc says of the frame in a slot. */
export interface FrameRecord {
	/** CRC-32C of the frame. */
	readonly crc: number;
	readonly generation: number;
	/** Where in the log of that generation the record begins that gave the slot to its GUID. */
	readonly position: number;
}

/**
 * What frames.crc says of a generation: which snapshot it began with, and which log that folded up.
 */
export interface FrameStamp {
	/** Of what it says, no more is known of a later one. */
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
