import { commonwareFor, JOURNALS, peersFor, shareOf } from "../contenders.mjs";
import { median, timed } from "../rounds.mjs";
import { time } from "../table.mjs";

/** What a bulk load asks for; the peers get transactions and batches too, and lmdb the promise of ascending keys. */
const DUALSLOT = { writeBuffer: 1024 * 1024 };
const LEVEL = { writeBufferSize: 64 * 1024 * 1024 };
const COMMONWARE = { goals: { time: { ratio: 1 / 1.5 } }, options: DUALSLOT };
/** Three values fit such a page; of the usual ones each takes two. */
const LMDB_FOR_VALUES = { pageSize: 16 * 1024 };

const ONE_OR_MANY = [
	{ name: "dualslot, append" },
	{ name: "dualslot, appendMany", fill: "fillMany" },
];

const ROWS = {
	fixed: {
		count: { full: 1_000_000, quick: 100_000 },
		options: { "classic-level": LEVEL },
		ours: ONE_OR_MANY,
		against: "dualslot, appendMany",
	},
	variable: {
		count: { full: 500_000, quick: 50_000 },
		options: { "classic-level": LEVEL },
		ours: ONE_OR_MANY,
		against: "dualslot, appendMany",
	},
	oversized: {
		count: { full: 65_536, quick: 4096 },
		options: { "classic-level": LEVEL, lmdb: LMDB_FOR_VALUES },
		ours: [{ name: "dualslot" }],
	},
};

/** V8 forgets the code that it made fast with the last object that it was made for; an application's store lives on. */
const alive = [];

export async function makeRow({ directories, isQuick, of }) {
	const { Store, stored } = JOURNALS[of];
	const { count, options, ours, against } = ROWS[of];
	const total = isQuick ? count.quick : count.full;
	const contenders = [
		...ours.map((own) => ({ Store, share: 1, options: DUALSLOT, ...own })),
		...commonwareFor(of, { ...COMMONWARE, against }),
		...peersFor("time").map((peer) => ({
			...peer,
			options: options[peer.name],
		})),
	];
	return {
		title: `${of} journal, bulk: ${total} appends of ${stored.size} bytes, one sync at the end; each`,
		isTidy: true,
		warmUp: 1,
		rounds: isQuick ? 3 : 5,
		metrics: [{ name: "time", of: median, format: time }],
		contenders: contenders.map((contender) => ({
			...contender,
			measure: () =>
				directories.with((directory) =>
					measured(contender, directory, stored, shareOf(total, contender)),
				),
		})),
	};
}

async function measured(contender, directory, stored, count) {
	const { name, Store, options, fill = "fill" } = contender;
	const store = await Store.open(directory, stored, options);
	const elapsed = await timed(() => store[fill](count), store.clock);
	await stored.check(name, store, count);
	await store.close();
	alive.push(store);
	return [elapsed / count];
}
