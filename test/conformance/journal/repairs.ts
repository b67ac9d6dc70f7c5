import { assert } from "chai";
import { KERNEL_ERROR } from "../../support/runs/failure.ts";
import type { Suite } from "../../support/runs/suite.ts";
import {
	journalTest,
	pathOf,
	VALUES,
} from "../../support/stores/journal-store.ts";
import {
	append,
	assertPairs,
	damaged,
} from "../../support/stores/oversized-pairs.ts";

const VALUED = pathOf(VALUES, 1n);
const READS_AT_MOST = 6;

/** Which values opening takes for lost, and which not. */
export function repairRows(suite: Suite): void {
	const test = journalTest(suite);

	test("a last entry whose value is there and not whole is cut, and another value takes its place (commonware #4260)", async (store) => {
		let journal = await store.oversized();
		await append(journal, 1n, [1, 2, 3]);
		journal = await damaged(store, journal, () =>
			store.withBlob(VALUES, 1n, async (blob) => {
				await blob.write(45, Uint8Array.of(0xff));
				await blob.sync();
			}),
		);
		assert.equal(journal.recovery.entriesCut, 1);
		assert.deepEqual(journal.recovery.cuts[0]?.why, [
			"value-damaged",
			"no-entry",
		]);
		await assertPairs(journal, 1n, [1, 2]);
		await append(journal, 1n, [4]);
		await journal.sync(1n);
		await store.crash();
		await assertPairs(await store.oversized(), 1n, [1, 2, 4]);
	});

	test("an error of the host while a value is judged cuts nothing (commonware #4260)", async (store) => {
		const journal = await store.oversized();
		await append(journal, 1n, [1, 2, 3]);
		await store.restart();
		for (let failing = 1; failing <= READS_AT_MOST; failing += 1) {
			let reads = 0;
			store.host.hooks.read = (path, call) => {
				reads += path === VALUED ? 1 : 0;
				if (path === VALUED && reads === failing) {
					throw KERNEL_ERROR;
				}
				return call();
			};
			await store.oversized().catch(() => undefined);
			store.host.hooks = {};
			await store.crash();
			await assertPairs(await store.oversized(), 1n, [1, 2, 3]);
			await store.restart();
		}
	});
}
