import type { Storage } from "../storage.ts";
import { Journal } from "./journal.ts";
import type { Section } from "./section.ts";

export interface GlobOptions {
	readonly partition: string;
	/** Bytes held back for each open section before they are flushed, 16 to 2 MiB; 64 KiB by default. */
	readonly writeBuffer?: number;
}

/** Where a value lies in its section. */
export interface ValuePlace {
	/** Bytes from the start of the section. */
	readonly offset: number;
	/** Bytes of the value and its checksum, 4. */
	readonly size: number;
}

/** Values of any size, each with its CRC-32C, found by a place that the caller keeps. (commonware's segmented `Glob`.) */
export abstract class Glob extends Journal {
	/** Lists the sections, and opens none. Throws as FixedJournal.open. A glob cuts nothing: nothing in it says where it ends. */
	static async open(_storage: Storage, _options: GlobOptions): Promise<Glob> {
		throw new Error("not yet");
	}

	/** Throws ERR_VALUE_TOO_LARGE from 2^32 - 4 bytes on. The bytes must not change until it resolves. */
	abstract append(section: Section, value: Uint8Array): Promise<ValuePlace>;

	/**
	 * The value at a place that append gave. Throws ERR_SECTION_OUT_OF_RANGE, ERR_BLOB_INSUFFICIENT_LENGTH for what cannot lie in
	 * the section, ERR_INVALID_CHECKSUM for what is no whole value.
	 */
	abstract get(
		section: Section,
		offset: number,
		size: number,
	): Promise<Uint8Array>;
}
