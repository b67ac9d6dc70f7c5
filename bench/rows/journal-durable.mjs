import { JOURNALS, peersFor, shareOf } from "../contenders.mjs";
import { quantile, timed } from "../rounds.mjs";
import { time } from "../table.mjs";

/** Turns are short, so that what else the disk has to do delays one contender as often as another. */
const PER_TURN = 16;
const OURS = [
	{ name: "dualslot, blocking sync", options: { sync: "blocking" } },
	{ name: "dualslot, sync in the pool" },
];
/** For information: no other contender is let off the disk. */
const UNSYNCED = {
	name: "hypercore as it comes, not synced",
	append: "appendUnsynced",
};

export async function makeRow({ directories, isQuick, of }) {
	const { Store, stored } = JOURNALS[of];
	const peers = peersFor("p50", "p99");
	const { Store: HypercoreStore } = peers.at(-1);
	const contenders = await Promise.all(
		[
			...OURS.map((own) => ({ Store, share: 1, ...own })),
			...peers.map((peer) => ({ ...peer, name: named(peer) })),
			{ ...UNSYNCED, Store: HypercoreStore, share: 1 },
		].map((contender) =>
			opened(contender, directories.make("durable"), stored),
		),
	);
	return {
		title: `${of} journal, durable: one append of ${stored.size} bytes, one sync`,
		warmUp: isQuick ? 10 : 30,
		rounds: isQuick ? 20 : 120,
		metrics: [
			{ name: "p50", of: (all) => quantile(all, 0.5), format: time },
			{ name: "p99", of: (all) => quantile(all, 0.99), format: time },
		],
		contenders,
		async close() {
			for (const { name, store, count } of contenders) {
				await stored.check(name, store, count());
				await store.close();
			}
		},
	};
}

function named({ name, durable }) {
	return `${name}, ${durable}`;
}

async function opened(contender, directory, stored) {
	const { Store, options, append = "append" } = contender;
	const store = await Store.open(directory, stored, options);
	const perTurn = shareOf(PER_TURN, contender);
	let count = 0;
	return {
		...contender,
		store,
		count: () => count,
		async measure() {
			const samples = [];
			for (let turn = 0; turn < perTurn; turn += 1) {
				samples.push(await timed(() => store[append]()));
				count += 1;
			}
			return samples;
		},
	};
}
