import { JOURNALS, peersFor, scattered, shareOf } from "../contenders.mjs";
import { median, timed } from "../rounds.mjs";
import { time } from "../table.mjs";

const BATCH = 1000;
const BATCHES = 10;
/** As many pages as hold all the entries, and beside them the 4 MiB for values that were read lately. */
const CACHED = { pages: 4096, memory: 48 * 2 ** 20 };

const ROWS = {
	fixed: {
		count: 262_144,
		ours: [
			{ name: "dualslot, await get" },
			{ name: "dualslot, tryGet", getEach: "tryGetEach" },
		],
	},
	oversized: {
		count: 16_384,
		ours: [
			{ name: "dualslot, await get, await getValue" },
			{ name: "dualslot, await get, tryGetValue", getEach: "tryGetEach" },
		],
	},
};

export async function makeRow({ directories, isQuick, of }) {
	const { Store, stored } = JOURNALS[of];
	const { count, ours } = ROWS[of];
	const contenders = [];
	for (const contender of [
		...ours.map((own) => ({ Store, share: 1, options: CACHED, ...own })),
		...peersFor("time"),
	]) {
		const directory = directories.make("hot");
		contenders.push(await filled(contender, directory, stored, count));
	}
	return {
		title: `${of} journal, hot: ${stored.size} bytes at random, from memory; median of batches of ${BATCH}, each`,
		warmUp: 2,
		rounds: isQuick ? 5 : 15,
		metrics: [{ name: "time", of: median, format: time }],
		contenders,
		async close() {
			for (const { store } of contenders) {
				await store.close();
			}
		},
	};
}

async function filled(contender, directory, stored, total) {
	const { name, Store, options, getEach = "getEach" } = contender;
	const count = shareOf(total, contender);
	const store = await Store.open(directory, stored, options);
	await store.fill(count);
	await store.digest();
	const order = scattered(shareOf(BATCH, contender), count);
	const expected = stored.digestOf(order);
	return {
		...contender,
		store,
		async measure() {
			const samples = [];
			for (let batch = 0; batch < BATCHES; batch += 1) {
				let found;
				const elapsed = await timed(() => {
					found = store[getEach](order);
					return found;
				});
				if ((await found) !== expected) {
					throw new Error(`${name} read other bytes than were stored`);
				}
				samples.push(elapsed / order.length);
			}
			return samples;
		},
	};
}
