import { assert } from "chai";
import type { Journal } from "../../../src/journal/journal.ts";
import { holdNextRead } from "../../support/hosts/held-read.ts";
import { assertSame } from "../../support/runs/bytes.ts";
import { assertFails } from "../../support/runs/failure.ts";
import type { Suite } from "../../support/runs/suite.ts";
import {
	type JournalStore,
	journalTest,
	numbered,
} from "../../support/stores/journal-store.ts";

const VALUE = numbered(7);

/** How a journal is ended. */
const ENDS = ["close", "drop", "destroy"] as const;

interface Reading {
	readonly name: string;
	/** Appends one record, syncs, and closes; returns the journal opened again, and a read of it. */
	open(store: JournalStore): Promise<{
		readonly journal: Pick<Journal, (typeof ENDS)[number]>;
		readonly read: () => Promise<Uint8Array>;
	}>;
}

const READINGS: readonly Reading[] = [
	{
		name: "a fixed journal",
		open: async (store) => {
			const before = await store.fixed();
			await appendMany(before);
			await before.close();
			store.forgetPages();
			const journal = await store.fixed();
			return { journal, read: () => journal.get(1n, 0) };
		},
	},
	{
		name: "a variable journal",
		open: async (store) => {
			const before = await store.variable();
			await appendMany(before);
			await before.close();
			store.forgetPages();
			const journal = await store.variable();
			return { journal, read: () => journal.get(1n, 0) };
		},
	},
	{
		name: "a glob",
		open: async (store) => {
			const before = await store.glob();
			const { offset, size } = await before.append(1n, VALUE);
			await before.close();
			const journal = await store.glob();
			return { journal, read: () => journal.get(1n, offset, size) };
		},
	},
];

/** A read in flight is answered when its journal is ended. */
export function endingReadRows(suite: Suite): void {
	const test = journalTest(suite);
	for (const { name, open } of READINGS) {
		for (const end of ENDS) {
			test(`a read of ${name} that is under way at its ${end} answers its bytes, and no file is closed before`, async (store) => {
				const { journal, read } = await open(store);
				const held = holdNextRead(store.host);
				const reading = read();
				await held.begun;
				const events: string[] = [];
				store.host.hooks.close = (_path, call) => {
					events.push("close");
					return call();
				};
				const ending = journal[end]();
				const answered = reading.then((found) => {
					events.push("answer");
					return found;
				});
				await turns();
				held.release();
				assertSame(await answered, VALUE);
				await ending;
				assert.equal(events[0], "answer");
				await assertFails("ERR_CLOSED", read);
			});
		}
	}
}

/** More than a page. An open journal has the last page in memory. */
async function appendMany(journal: {
	append(section: bigint, bytes: Uint8Array): Promise<unknown>;
}): Promise<void> {
	for (let count = 0; count < 300; count += 1) {
		await journal.append(1n, VALUE);
	}
}

async function turns(): Promise<void> {
	for (let turn = 0; turn < 60; turn += 1) {
		await undefined;
	}
}
