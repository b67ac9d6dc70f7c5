import { assert } from "chai";
import { failureOf, KERNEL_ERROR } from "../../support/runs/failure.ts";
import type { Suite } from "../../support/runs/suite.ts";
import {
	INDEX,
	journalTest,
	numbered,
	pathOf,
	pointer,
	sixteen,
} from "../../support/stores/journal-store.ts";

/** The promises of a change that finds nothing to change. */
export function rewindingRows(suite: Suite): void {
	const test = journalTest(suite);

	for (const call of ["rewind", "rewindSection"] as const) {
		for (const longer of [0, 800]) {
			const size = longer === 0 ? "the present size" : "a larger size";
			test(`a ${call} to ${size} makes what stays durable, in each journal`, async (store) => {
				const fixed = await store.fixed();
				await fixed.append(1n, numbered(1));
				await fixed[call](1n, 8 + longer);
				const variable = await store.variable({ partition: "items" });
				await variable.append(1n, numbered(1));
				await variable[call](1n, 9 + longer);
				const glob = await store.glob();
				await glob.append(1n, numbered(1));
				await glob[call](1n, 12 + longer);
				const oversized = await store.oversized({
					index: "entries",
					values: "values",
				});
				await oversized.append(1n, pointer(1), sixteen(1));
				await oversized[call](1n, 20 + longer);
				await store.crash();
				assert.equal(await (await store.fixed()).size(1n), 8);
				const items = await store.variable({ partition: "items" });
				assert.equal(await items.size(1n), 9);
				assert.equal(await (await store.glob()).size(1n), 12);
				const pairs = await store.oversized({
					index: "entries",
					values: "values",
				});
				assert.equal(await pairs.size(1n), 20);
			});
		}
	}

	test("a rewind to the present size syncs what an open has found, once", async (store) => {
		const journal = await store.fixed();
		await journal.append(1n, numbered(1));
		await journal.close();
		const found = await store.fixed();
		let syncs = 0;
		store.host.hooks.sync = (path, call) => {
			syncs += path === pathOf(INDEX, 1n) ? 1 : 0;
			return call();
		};
		await found.rewindSection(1n, 8);
		await found.rewindSection(1n, 8);
		assert.equal(syncs, 1);
	});

	for (const change of ["clear", "prune", "removeSection"] as const) {
		test(`a ${change} that finds no section makes a removal durable that a writer before it has not`, async (store) => {
			const journal = await store.fixed();
			await journal.append(1n, numbered(1));
			await journal.sync(1n);
			store.host.hooks.syncDirectory = () => {
				throw KERNEL_ERROR;
			};
			await failureOf(() => journal.removeSection(1n));
			store.host.hooks = {};
			await store.crash();
			const found = await store.fixed();
			assert.deepEqual(found.sections(), []);
			const synced: string[] = [];
			store.host.hooks.syncDirectory = (path, call) => {
				synced.push(path);
				return call();
			};
			await (change === "clear" ? found.clear() : found[change](2n));
			assert.deepEqual(synced, [INDEX]);
		});
	}
}
