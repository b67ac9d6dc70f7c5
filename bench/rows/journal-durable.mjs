import {
	commonwareFor,
	durableName,
	JOURNALS,
	peersFor,
	shareOf,
} from "../contenders.mjs";
import { quantile, timed } from "../rounds.mjs";
import { time } from "../table.mjs";

/**
 * Turns are short, so that what else the disk has to do delays one contender as often as another. The first of a turn is
 * not timed: it waits for what the contender before it has left for the disk to do.
 */
const PER_TURN = 16;
const OURS = [
	{ name: "dualslot, blocking sync", options: { sync: "blocking" } },
	{ name: "dualslot, sync in the pool" },
];

export async function makeRow({ directories, isQuick, of }) {
	const { Store, stored } = JOURNALS[of];
	const contenders = await Promise.all(
		[
			...OURS.map((own) => ({ Store, share: 1, ...own })),
			...commonwareFor(of, { goals: { p50: { ratio: 1 }, p99: { ratio: 1 } } }),
			...peersFor("p50", "p99"),
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

async function opened(contender, directory, stored) {
	const { Store, options } = contender;
	const store = await Store.open(directory, stored, options);
	const perTurn = shareOf(PER_TURN, contender);
	let count = 0;
	return {
		...contender,
		name: durableName(contender),
		store,
		count: () => count,
		async measure() {
			await store.append();
			count += 1 + perTurn;
			return store.appendEach?.(perTurn) ?? appendEach(store, perTurn);
		},
	};
}

async function appendEach(store, count) {
	const samples = [];
	for (let turn = 0; turn < count; turn += 1) {
		samples.push(await timed(() => store.append()));
	}
	return samples;
}
