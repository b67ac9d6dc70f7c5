import { assert } from "chai";
import type { Host } from "../../../src/host/host.ts";
import { imageOf } from "../../support/hosts/raw-file.ts";
import { bytesOf, filled, joined, toHex } from "../../support/runs/bytes.ts";
import type { Suite } from "../../support/runs/suite.ts";
import { exported } from "../../support/stores/archives.ts";
import {
	type JournalStore,
	journalTest,
	pointer,
} from "../../support/stores/journal-store.ts";

/** Bytes that nobody may find after a cut: they fit an entry of 8 bytes. */
const SECRET = bytesOf("a secret");
const ERASE = { erase: true, pageSize: 256 };

/** What a journal's cuts leave in its files, with `erase`. */
export function erasingRows(suite: Suite): void {
	const test = journalTest(suite);

	for (const [kind, cut] of [
		["fixed", cutFixed],
		["variable", cutVariable],
		["oversized", cutOversized],
	] as const) {
		test(
			`with erase what a rewind has cut from a ${kind} journal is in no file when it resolves`,
			async (store) => {
				await cut(store);
				assert.notInclude(await filesOf(store.host), toHex(SECRET));
			},
			ERASE,
		);
	}

	test(
		"without erase what a rewind has cut stays in its page, and goes out with no export",
		async (store) => {
			await cutFixed(store);
			assert.include(await filesOf(store.host), toHex(SECRET));
			const archive = await exported(store.storage);
			assert.notInclude(toHex(archive), toHex(SECRET));
		},
		{ pageSize: 256 },
	);
}

async function cutFixed(store: JournalStore): Promise<void> {
	const journal = await store.fixed();
	await journal.append(1, filled(8, 1));
	await journal.append(1, SECRET);
	await journal.syncAll();
	await journal.rewindSection(1, 8);
}

async function cutVariable(store: JournalStore): Promise<void> {
	const journal = await store.variable();
	await journal.append(1, filled(20, 1));
	await journal.append(1, SECRET);
	await journal.syncAll();
	await journal.rewindSection(1, 21);
}

async function cutOversized(store: JournalStore): Promise<void> {
	const journal = await store.oversized();
	await journal.append(1, pointer(1), filled(20, 1));
	await journal.append(1, pointer(2), joined(SECRET, filled(20, 2)));
	await journal.syncAll();
	await journal.rewindSection(1, 20);
}

/** All files, as hex. */
async function filesOf(host: Host): Promise<string> {
	return (await imageOf(host)).join("\n");
}
