import { checkFlag, checkOneOf, checkOptions } from "../checks.ts";
import {
	checkObserver,
	Observer,
	type ObserverOptions,
} from "../host/observer.ts";
import { checkWait, type LockWait } from "../storage/lock.ts";
import type { Verdicts } from "./verdicts.ts";

/**
 * 'required' refuses a file system without direct I/O, 'preferred' does without it there, 'off'
 * never uses it.
 */
export type DirectIO = "required" | "preferred" | "off";

export interface PackedStoreOptions extends ObserverOptions {
	/** 'required' by default where the platform has direct I/O, else 'off'. */
	readonly directIO?: DirectIO;
	/**
	 * How long to wait for another owner: milliseconds, 5000 by default, a signal, or false to fail
	 * at once.
	 */
	readonly wait?: LockWait;
	/** How many frames of linear memory, 512 KiB each, can be leased at once; 16 by default. */
	readonly frames?: number;
	/**
	 * Bytes of linear memory for frames, manifest and records. Fixed where it is given; by default as
	 * the files need, and a manifest that outgrows it gets memory of its own.
	 */
	readonly memory?: number;
	/**
	 * 'shadow', the default, writes a GUID's new frame to a free slot, so that a crash leaves the old
	 * frame or the new one, whole. 'in-place', as in holt 0.7.1, overwrites the only copy.
	 */
	readonly rewrite?: "shadow" | "in-place";
	/**
	 * Whether frames.crc holds a checksum for each frame, against which every read is checked. True
	 * by default where the file exists, and in a store that holds nothing yet.
	 */
	readonly checksums?: boolean;
	/**
	 * Whether a deleted or replaced frame is overwritten with zeros before its slot is free for
	 * another one; false by default. A flush then writes 512 KiB for each such frame, and syncs
	 * blobs.dat and frames.crc once more.
	 */
	readonly erase?: boolean;
	/** The rules for a damaged manifest; 'dualslot' by default. */
	readonly verdicts?: Verdicts;
}

export type CheckedOptions = Required<
	Omit<PackedStoreOptions, "memory" | "checksums" | keyof ObserverOptions>
> &
	Pick<PackedStoreOptions, "memory" | "checksums"> & {
		readonly observer: Observer;
	};

const FRAMES_DEFAULT = 16;
/** As in holt. */
const WAIT_DEFAULT = 5000;

/** Throws TypeError and RangeError. */
export function checkPackedOptions(
	options: PackedStoreOptions,
	hasDirectIO: boolean,
): CheckedOptions {
	checkOptions(options);
	checkObserver(options);
	const {
		directIO = hasDirectIO ? "required" : "off",
		wait = WAIT_DEFAULT,
		frames = FRAMES_DEFAULT,
		rewrite = "shadow",
		verdicts = "dualslot",
		erase = false,
		memory,
		checksums,
	} = options;
	checkWait(wait);
	checkOneOf("directIO", directIO, ["required", "preferred", "off"]);
	checkOneOf("rewrite", rewrite, ["shadow", "in-place"]);
	checkOneOf("verdicts", verdicts, ["dualslot", "holt-0.7.1"]);
	checkFlag("erase", erase);
	checkCount("frames", frames);
	checkCount("memory", memory ?? 1);
	checkFlag("checksums", checksums);
	return {
		observer: new Observer(options),
		directIO,
		wait,
		frames,
		rewrite,
		verdicts,
		erase,
		...(memory !== undefined && { memory }),
		...(checksums !== undefined && { checksums }),
	};
}

function checkCount(name: string, value: number): void {
	if (!(Number.isSafeInteger(value) && value > 0)) {
		throw new RangeError(`${name} is a whole number from 1 on, not ${value}`);
	}
}
