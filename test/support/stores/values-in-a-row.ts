import type { OversizedJournal } from "../../../src/journal/oversized/oversized-journal.ts";
import type { ReplayedPair } from "../../../src/journal/oversized/pair-replay.ts";
import type { ValuePlace } from "../../../src/journal/values/value.ts";
import { assertSame, pattern } from "../runs/bytes.ts";
import { type JournalStore, pointer } from "./journal-store.ts";

export const COUNT = 40;
export const SIZE = 1000;
/** As `getValue` has it, with the checksum. */
export const STORED = SIZE + 4;
/** Values that are read at once: a replay's buffer has room for three. */
export const BUFFER = 3 * STORED;

export async function filled(
	store: JournalStore,
	sections: readonly bigint[],
): Promise<OversizedJournal> {
	const journal = await store.oversized();
	for (const section of sections) {
		for (let id = 0; id < COUNT; id += 1) {
			await journal.append(section, pointer(id), valueAt(id));
		}
	}
	await journal.syncAll();
	return journal;
}

export async function all(
	journal: OversizedJournal,
	buffer?: number,
): Promise<ReplayedPair[]> {
	const found: ReplayedPair[] = [];
	const range = buffer === undefined ? {} : { buffer };
	for await (const pair of journal.replay({ values: true, ...range })) {
		found.push(pair);
	}
	return found;
}

/** Of a section's values. */
export function allPlaces(): ValuePlace[] {
	return Array.from({ length: COUNT }, (_, id) => ({
		...{ offset: id * STORED, size: STORED },
	}));
}

/** Counts the host's reads of so many bytes or more. */
export function readsOf(store: JournalStore, least: number) {
	const reads = { count: 0, largest: 0 };
	store.host.hooks = {
		read: async (_, call) => {
			const count = await call();
			if (count >= least) {
				reads.count += 1;
				reads.largest = Math.max(reads.largest, count);
			}
			return count;
		},
	};
	return reads;
}

export function assertFound(value: Uint8Array | undefined, id: number): void {
	assertSame(value ?? new Uint8Array(), valueAt(id));
}

export function valueAt(id: number): Uint8Array {
	return pattern(SIZE, id);
}
