import * as format from "../../assembly/format.ts";
import { StorageError } from "../errors.ts";

export interface HeaderVerdict {
	readonly status: "ok" | "short" | "foreign" | "runtime" | "version";
	/** Both versions are as found, 0 where the bytes are not a header's. */
	readonly runtimeVersion: number;
	readonly blobVersion: number;
}

/** Bytes from the start of a run's first physical page, the end excluded. */
export type ByteRange = readonly [start: number, end: number];

export interface WritePlan {
	readonly first: ByteRange;
	/**
	 * Issued after the first is complete; then the file is synced. Without it the first can be one
	 * synced write.
	 */
	readonly second: ByteRange | undefined;
}

/** Three writes, each durable before the next. Offsets are bytes within the page. */
export interface ShrinkStages {
	readonly newSlotOffset: number;
	readonly oldSlotOffset: number;
	/** Six bytes at the new slot: no length yet. */
	readonly crcStage: Uint8Array;
	/** Two bytes at the new slot: its length. */
	readonly lengthStage: Uint8Array;
	/** Two bytes at the old slot: zero. */
	readonly retireStage: Uint8Array;
}

/**
 * The meaning of a number that the core returned. Throws ERR_CORE_TRAP for an unknown one: a bug
 * here or there.
 */
export function nameOf<Name>(names: Record<number, Name>, code: number): Name {
	const name = names[code];
	if (name === undefined) {
		throw new StorageError("ERR_CORE_TRAP", `the core answered ${code}`);
	}
	return name;
}

/** The varint at the start of bytes: `short` where they end before it does. */
export type VarintVerdict =
	| { readonly status: "ok"; readonly value: number; readonly width: number }
	| { readonly status: "short" | "invalid" };

/** The frames that follow each other at the start of some bytes. */
export interface FrameRun {
	/** For each frame two numbers: where its payload begins in the bytes, and its size. */
	readonly places: Uint32Array;
	/** Where the last of them ends. */
	readonly end: number;
	/**
	 * What comes there: nothing, more frames, the start of a frame, no frame, or a frame larger than
	 * allowed.
	 */
	readonly stop: "end" | "more" | "partial" | "invalid" | "too-large";
	/**
	 * The frame that comes there: its length's width, and its size. Width 0 where the length could
	 * not be read.
	 */
	readonly next: { readonly width: number; readonly size: number };
}

/** The claim of one of a page's two slots, and whether it is true. */
export interface SlotVerdict {
	/**
	 * 'empty' claims no bytes, 'overlong' more than a page has, 'mismatch' bytes with another
	 * checksum, 'valid' bytes with its checksum.
	 */
	readonly state: "empty" | "overlong" | "mismatch" | "valid";
	/** In bytes, as the slot claims. */
	readonly length: number;
	/** The CRC-32C that the slot has. */
	readonly crc: number;
}

export interface PageVerdict {
	/** The authoritative slot; 0 when the page is invalid. */
	readonly slot: 0 | 1 | 2;
	/** The bytes that it commits; 0 when the page is invalid. */
	readonly length: number;
	/** Of slot 1. */
	readonly first: SlotVerdict;
	/** Of slot 2. */
	readonly second: SlotVerdict;
}

export interface ValueVerdict {
	readonly isWhole: boolean;
	/** The checksum behind the value, and that of its data. */
	readonly stored: number;
	readonly computed: number;
}

/** Where in an entry its value's offset and size lie, and how many bytes each has. */
export interface ValueFields {
	readonly offsetAt: number;
	readonly offsetWidth: number;
	readonly sizeAt: number;
	readonly sizeWidth: number;
}

/** An entry of a run, and where its value lies. */
export interface PointingEntry {
	readonly index: number;
	readonly offset: number;
	/** The value's bytes and its checksum's. */
	readonly size: number;
}

/** Values that some entries point at, one behind the other. */
export interface PointedRun {
	/** The first value's. */
	readonly offset: number;
	/** The first value's, even if that is longer than the run may be. */
	readonly firstSize: number;
	/** The bytes of each value of the run and its checksum's. */
	readonly sizes: Uint32Array;
}

export const SLOT_STATES = {
	[format.SLOT_EMPTY]: "empty",
	[format.SLOT_OVERLONG]: "overlong",
	[format.SLOT_MISMATCH]: "mismatch",
	[format.SLOT_VALID]: "valid",
} as const;

export const FRAME_STOPS = {
	[format.FRAMES_END]: "end",
	[format.FRAMES_FULL]: "more",
	[format.FRAMES_PARTIAL]: "partial",
	[format.FRAMES_INVALID]: "invalid",
	[format.FRAMES_TOO_LARGE]: "too-large",
} as const;

export const HEADER_STATUSES = {
	[format.HEADER_OK]: "ok",
	[format.HEADER_SHORT]: "short",
	[format.HEADER_FOREIGN]: "foreign",
	[format.HEADER_RUNTIME_UNSUPPORTED]: "runtime",
	[format.HEADER_VERSION_MISMATCH]: "version",
} as const;
