import { assert } from "chai";
import type { OversizedJournal } from "../../../src/journal/oversized/oversized-journal.ts";
import { failureOf } from "../runs/failure.ts";
import {
	type JournalStore,
	pointer,
	pointerIn,
	sixteen,
} from "./journal-store.ts";

/** Appends pairs with these numbers; returns the position of the first. */
export async function append(
	journal: OversizedJournal,
	section: bigint,
	ids: readonly number[],
): Promise<number> {
	let first = -1;
	for (const id of ids) {
		const { position } = await journal.append(
			section,
			pointer(id),
			sixteen(id),
		);
		first = first < 0 ? position : first;
	}
	return first;
}

/** Closes the journal, changes its files, and opens it again. */
export async function damaged(
	store: JournalStore,
	journal: OversizedJournal,
	damage: () => Promise<unknown>,
): Promise<OversizedJournal> {
	await journal.close();
	await damage();
	return store.oversized();
}

/** The section holds exactly these pairs. */
export async function assertPairs(
	journal: OversizedJournal,
	section: bigint,
	ids: readonly number[],
): Promise<void> {
	assert.equal(await journal.size(section), ids.length * 20);
	for (const [position, id] of ids.entries()) {
		const entry = pointerIn(await journal.get(section, position));
		assert.equal(entry.id, id);
		const value = await journal.getValue(section, entry.offset, entry.size);
		assert.deepEqual(value, sixteen(id));
	}
	const behind = await failureOf(() => journal.get(section, ids.length));
	assert.propertyVal(behind, "code", "ERR_ITEM_OUT_OF_RANGE");
}
