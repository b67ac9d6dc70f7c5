import type { Section } from "./section.ts";

export interface EntryReplayOptions {
	/** The first section; the first that there is by default. It need not exist. */
	readonly from?: Section;
	/** The first entry of section `from`, 0 by default; of no meaning for later sections, nor where `from` does not exist. */
	readonly position?: number;
	/** Ends the replay: the next step rejects with the signal's reason. */
	readonly signal?: AbortSignal;
	/** Bytes read at a time, rounded down to whole pages, one at least; 128 KiB by default. */
	readonly buffer?: number;
}

export interface ReplayedEntry {
	readonly section: bigint;
	readonly position: number;
	/** Belongs to the caller. */
	readonly entry: Uint8Array;
}

/**
 * The entries of a journal in order, each verified before it is given out. It asks the host for more only when it is asked
 * for more, holds one buffer whatever the length, keeps no section open between its steps, and writes nothing.
 *
 * The sections are those that exist when it begins; a section's entries are those that it has when the replay comes to it.
 * What is removed before its turn is passed over. A step that fails, as at a damaged page, ends the replay, with the section
 * and the page in the error's place; a new one `from` the section behind goes on.
 */
export abstract class EntryReplay
	implements AsyncIterableIterator<ReplayedEntry>
{
	abstract next(): Promise<IteratorResult<ReplayedEntry, undefined>>;
	abstract return(): Promise<IteratorResult<ReplayedEntry, undefined>>;
	abstract [Symbol.asyncIterator](): this;
}
