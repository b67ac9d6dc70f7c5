import { assert } from "chai";
import { mangleRaw } from "../../support/hosts/raw-file.ts";
import { filled } from "../../support/runs/bytes.ts";
import { assertFails } from "../../support/runs/failure.ts";
import type { Suite } from "../../support/runs/suite.ts";
import {
	INDEX,
	type JournalStore,
	journalTest,
	numbered,
	pathOf,
	VALUES,
} from "../../support/stores/journal-store.ts";
import { append } from "../../support/stores/oversized-pairs.ts";

/** Beyond a JavaScript number. */
const SECTION = 2n ** 53n + 1n;
const HEADER = 8;
const PAGE_SIZE = 60;
const STRIDE = PAGE_SIZE + 12;

/** Values that programs log. */
export function jsonRows(suite: Suite): void {
	const test = journalTest(suite);

	test("a report of cut sections is JSON, whole and by its parts, with sections as decimal strings", async (store) => {
		const { recovery } = await tornFixed(store);
		assertJson(recovery);
		assert.lengthOf(recovery.cuts, 1);
		assertJson({ ...recovery, at: 1 });
		assertJson(recovery.cuts);
		const { cuts } = JSON.parse(JSON.stringify(recovery));
		assert.equal(cuts[0].section, "9007199254740993");
		assert.notInclude(Object.keys(recovery), "toJSON");
		assert.deepEqual(structuredClone(recovery), recovery);
	});

	test(
		"a report of damaged sections, and of slots that may have lost something, is JSON",
		async (store) => {
			const journal = await store.fixed();
			await journal.appendMany(SECTION, filled(8 * 15, 1));
			await journal.syncAll();
			await store.crash();
			const path = pathOf(INDEX, SECTION);
			await mangleRaw(store.host, path, HEADER + STRIDE, filled(1, 7));
			const { recovery } = await store.fixed();
			assert.deepEqual(recovery.damaged, [SECTION]);
			assert.lengthOf(recovery.losingSlots, 1);
			assertJson(recovery);
			assertJson(recovery.damaged);
			assertJson(recovery.losingSlots);
		},
		{ pageSize: PAGE_SIZE },
	);

	test("a report of values without entries is JSON", async (store) => {
		const journal = await store.oversized();
		await append(journal, 1n, [1]);
		await journal.close();
		await store.storage.remove(INDEX, filled(8, 0).fill(1, 7));
		const { recovery } = await store.oversized();
		assert.lengthOf(recovery.orphans, 1);
		assertJson(recovery);
		assertJson(recovery.orphans);
	});

	test("what a variable journal has cut, and the torn tails of its replay, are JSON", async (store) => {
		const journal = await store.variable();
		await journal.append(SECTION, filled(40, 1));
		await journal.append(SECTION, filled(40, 2));
		await journal.rewindSection(SECTION, 60);
		const replay = await journal.replay();
		for await (const _ of replay) {
			// To its end, where the torn item is.
		}
		assert.lengthOf(replay.torn, 1);
		assertJson(replay.torn);
		await journal.append(SECTION, filled(40, 3));
		assert.lengthOf(journal.recovery.cuts, 1);
		assertJson(journal.recovery);
		assertJson(journal.recovery.cuts);
	});

	test("a list of sections, and an error that names one, are JSON", async (store) => {
		const journal = await store.glob();
		await journal.append(SECTION, filled(8, 1));
		assertJson(journal.sections());
		const error = await assertFails("ERR_SECTION_OUT_OF_RANGE", () =>
			journal.get(SECTION + 1n, 0, 12),
		);
		const { place, ...said } = JSON.parse(JSON.stringify(error));
		const { name, code, message } = error;
		assert.deepEqual(said, { name, code, message });
		assert.include(place, { section: "9007199254740994", partition: VALUES });
		assertJson(error.place);
	});
}

async function tornFixed(store: JournalStore) {
	const journal = await store.fixed();
	await journal.append(SECTION, numbered(1));
	await journal.close();
	await store.withBlob(INDEX, SECTION, (blob) =>
		blob.write(1000, filled(9, 7)),
	);
	return store.fixed();
}

/** The value survives JSON, with strings for its bigints. */
function assertJson(value: unknown): void {
	const expected = JSON.stringify(structuredClone(value), (_, within) =>
		typeof within === "bigint" ? within.toString() : within,
	);
	assert.equal(JSON.stringify(value), expected);
}
