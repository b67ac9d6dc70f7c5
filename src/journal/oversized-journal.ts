import type { PageCache } from "../page-cache.ts";
import type { Storage } from "../storage.ts";
import { Journal } from "./journal.ts";
import type { EntryReplay, EntryReplayOptions } from "./replay.ts";
import type { JournalRecovery } from "./report.ts";
import type { Section } from "./section.ts";
import type { ValuePlace } from "./value.ts";

export interface OversizedJournalOptions {
	/** The partition of the entries. */
	readonly index: string;
	/** The partition of the values. */
	readonly values: string;
	/** Of the same storage; its page size is that of the entries. */
	readonly cache: PageCache;
	readonly entry: {
		/** Bytes of each entry, 12 to 2 MiB. */
		readonly size: number;
		/** Where in an entry the value's offset lies: 8 bytes, big-endian. */
		readonly offsetAt: number;
		/** Where in an entry the value's size lies: 4 bytes, big-endian. */
		readonly sizeAt: number;
	};
	/** Bytes of entries held back for each open section; 64 KiB by default. */
	readonly writeBuffer?: number;
	/** Bytes of values held back for each open section; 64 KiB by default. */
	readonly valueBuffer?: number;
}

export interface AppendedValue extends ValuePlace {
	readonly position: number;
}

/**
 * Entries of one size that each point at a value of any size: a fixed journal over a glob, section by section. No entry
 * reaches the disk before its value is durable. (commonware's segmented `Oversized`.)
 */
export abstract class OversizedJournal extends Journal {
	abstract readonly recovery: JournalRecovery;

	/** As FixedJournal.open; entries without their values are cut, then values without entries. All of it is durable when it resolves. */
	static async open(
		_storage: Storage,
		_options: OversizedJournalOptions,
	): Promise<OversizedJournal> {
		throw new Error("not yet");
	}

	/** Appends the value, then a copy of the entry with the value's place in it. Throws ERR_VALUE_TOO_LARGE. */
	abstract append(
		section: Section,
		entry: Uint8Array,
		value: Uint8Array,
	): Promise<AppendedValue>;

	abstract get(section: Section, position: number): Promise<Uint8Array>;
	abstract getMany(
		section: Section,
		positions: readonly number[],
	): Promise<Uint8Array>;
	abstract tryGet(
		section: Section,
		position: number,
		target: Uint8Array,
	): boolean;
	abstract last(section: Section): Promise<Uint8Array | undefined>;
	/** As Glob.get. */
	abstract getValue(
		section: Section,
		offset: number,
		size: number,
	): Promise<Uint8Array>;
	/** Where the last entry's value ends; 0 when the section is empty or does not exist. */
	abstract valueSize(section: Section): Promise<number>;
	/** The entries, without their values. */
	abstract replay(options?: EntryReplayOptions): EntryReplay;
}
