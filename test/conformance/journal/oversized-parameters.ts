import { assert } from "chai";
import { imageOf, writeRaw } from "../../support/hosts/raw-file.ts";
import { bytesOf, filled } from "../../support/runs/bytes.ts";
import { assertFails, assertRefuses } from "../../support/runs/failure.ts";
import type { Suite } from "../../support/runs/suite.ts";
import {
	INDEX,
	journalTest,
	pointer,
	sixteen,
	VALUES,
} from "../../support/stores/journal-store.ts";
import { append, assertPairs } from "../../support/stores/oversized-pairs.ts";

export function oversizedParameterRows(suite: Suite): void {
	parameterRows(suite);
	readOnlyRows(suite);
}

function readOnlyRows(suite: Suite): void {
	const test = journalTest(suite);

	test("a store that is open for reading cuts nothing, reports what it would cut, and shows what it would leave", async (store) => {
		let journal = await store.oversized();
		const sections = Array.from({ length: 20 }, (_, index) => BigInt(index));
		for (const section of sections) {
			await append(journal, section, range(0, 10));
		}
		await journal.close();
		for (const section of sections) {
			await store.resizeBlob(VALUES, section, 90);
		}
		await store.storage.remove(INDEX, Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 5));
		await store.restart({ readOnly: true });
		const before = await imageOf(store.host);
		journal = await store.oversized();
		assert.include(journal.recovery, {
			...{ sections: 19, entriesCut: 19 * 6, valueBytesCut: 19 * 10 },
		});
		assert.deepEqual(journal.recovery.orphans, [{ section: 5n, bytes: 90 }]);
		for (const section of [0n, 19n, 7n, 0n]) {
			await assertPairs(journal, section, range(0, 4));
			assert.equal(await journal.valueSize(section), 80);
		}
		await assertFails("ERR_SECTION_OUT_OF_RANGE", () =>
			journal.getValue(5n, 0, 20),
		);
		for (const call of [
			() => journal.append(0n, pointer(1), sixteen(1)),
			() => journal.sync(0n),
			() => journal.rewind(0n, 0),
			() => journal.prune(3n),
			() => journal.destroy(),
		]) {
			await assertFails("ERR_READ_ONLY", call);
		}
		await journal.close();
		assert.deepEqual(await imageOf(store.host), before);
	});
}

function parameterRows(suite: Suite): void {
	const test = journalTest(suite);

	test("a journal opened with another layout or with other partitions is refused, and keeps every byte", async (store) => {
		const journal = await store.oversized();
		await append(journal, 1n, [1]);
		await journal.close();
		const before = await imageOf(store.host);
		for (const options of [
			{ entry: { size: 24, offsetAt: 8, sizeAt: 16 } },
			{ entry: { size: 20, offsetAt: 0, sizeAt: 16 } },
			{ entry: { size: 20, offsetAt: 8, sizeAt: 4 } },
			{ entry: { size: 20, offsetAt: 8, offsetWidth: 4, sizeAt: 16 } },
			{ entry: { size: 20, offsetAt: 8, sizeAt: 16, sizeWidth: 2 } },
			{ values: "other-values" },
			{ index: "other-index" },
		]) {
			const error = await assertFails("ERR_CONFIG", () =>
				store.oversized(options),
			);
			assert.include(error.message, "was written as");
		}
		await assertFails("ERR_CONFIG", () => store.fixed({ entry: { size: 20 } }));
		await assertFails("ERR_CONFIG", () => store.glob());
		assert.deepEqual(await imageOf(store.host), before);
	});

	test("what is no place of an offset and a size in an entry is refused before anything is read", async (store) => {
		store.host.hooks.list = () => {
			throw new Error("it was read");
		};
		for (const [size, offsetAt, sizeAt] of [
			[11, 0, 8],
			[20, 13, 0],
			[20, 0, 17],
			[20, 0, 7],
			[20, 4, 4],
			[20, 2, 0],
			[20, -1, 8],
			[20, 0.5, 8],
		] as const) {
			const entry = { size, offsetAt, sizeAt };
			await assertRefuses(RangeError, () => store.oversized({ entry }));
		}
		await assertRefuses(RangeError, () => store.oversized({ values: INDEX }));
		store.host.hooks = {};
		const entry = { size: 12, offsetAt: 4, sizeAt: 0 };
		const journal = await store.oversized({ entry });
		await journal.append(1n, new Uint8Array(12), sixteen(7));
		const stored = await journal.get(1n, 0);
		assert.deepEqual([...stored], [0, 0, 0, 20, 0, 0, 0, 0, 0, 0, 0, 0]);
	});

	test("an entry is copied before it is told where its value lies", async (store) => {
		const journal = await store.oversized();
		const entry = filled(20, 0xee);
		await journal.append(1n, entry, sixteen(1));
		await journal.append(1n, entry, sixteen(2));
		assert.deepEqual(entry, filled(20, 0xee));
	});

	test("a foreign file among the values, and a blob there that is no section, are errors with their place", async (store) => {
		const journal = await store.oversized();
		await append(journal, 1n, [1]);
		await journal.close();
		await writeRaw(store.host, `${VALUES}/notes.txt`, bytesOf("mine"));
		const foreign = await assertFails("ERR_PARTITION_CORRUPT", () =>
			store.oversized(),
		);
		assert.include(foreign.place, { partition: VALUES, found: "notes.txt" });
		await store.host.remove(`${VALUES}/notes.txt`);
		await writeRaw(store.host, `${VALUES}/abcd`, bytesOf("CWIC\0\0\0\0"));
		const named = await assertFails("ERR_INVALID_BLOB_NAME", () =>
			store.oversized(),
		);
		assert.include(named.place, { partition: VALUES, blob: "abcd" });
	});
}

function range(first: number, end: number): number[] {
	return Array.from({ length: end - first }, (_, index) => first + index);
}
