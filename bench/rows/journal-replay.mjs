import { commonwareFor, JOURNALS, peersFor, shareOf } from "../contenders.mjs";
import { median, timed } from "../rounds.mjs";
import { time } from "../table.mjs";

const ROWS = {
	fixed: {
		count: { full: 1_000_000, quick: 100_000 },
		what: "entries",
	},
	variable: {
		count: { full: 500_000, quick: 50_000 },
		what: "items",
	},
	oversized: {
		count: { full: 65_536, quick: 4096 },
		what: "entries, each with its value",
	},
};

const OURS = [
	{ name: "dualslot, verified" },
	{ name: "dualslot, verified, in batches", digest: "digestBatches" },
];
/** What a program had to write before a replay gave values. */
const EACH = {
	oversized: [
		{ name: "dualslot, await getValue of each", digest: "digestEach" },
	],
};
const COMMONWARE = {
	goals: { time: { ratio: 1 / 1.5 } },
	against: "dualslot, verified, in batches",
};

/** Each entry or value reaches a loop's body as a Uint8Array. The loop is written out in each store. */
export async function makeRow({ directories, isQuick, of }) {
	const { Store, stored } = JOURNALS[of];
	const { count, what } = ROWS[of];
	const total = isQuick ? count.quick : count.full;
	const contenders = [];
	for (const contender of [
		...[...OURS, ...(EACH[of] ?? [])].map((own) => ({
			Store,
			share: 1,
			...own,
		})),
		...commonwareFor(of, COMMONWARE),
		...peersFor("time"),
	]) {
		const directory = directories.make("replay");
		contenders.push(
			await filled(contender, directory, stored, shareOf(total, contender)),
		);
	}
	return {
		title: `${of} journal, replay: ${total} ${what}, in order; each`,
		isTidy: true,
		warmUp: 1,
		rounds: isQuick ? 3 : 7,
		metrics: [{ name: "time", of: median, format: time }],
		contenders,
		async close() {
			for (const { store } of contenders) {
				await store.close();
			}
		},
	};
}

async function filled(contender, directory, stored, count) {
	const { name, Store, options, digest = "digest" } = contender;
	const store = await Store.open(directory, stored, options);
	await store.fill(count);
	const expected = stored.digestOf(Array.from({ length: count }, (_, i) => i));
	return {
		...contender,
		store,
		async measure() {
			let found;
			const elapsed = await timed(async () => {
				found = await store[digest]();
			}, store.clock);
			if (found !== expected) {
				throw new Error(`${name} read other bytes than were stored`);
			}
			return [elapsed / count];
		},
	};
}
