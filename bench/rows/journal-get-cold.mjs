import { readFileSync } from "node:fs";
import { JOURNALS, peersFor, scattered, shareOf } from "../contenders.mjs";
import { dropCached } from "../page-cache.mjs";
import { median, timed } from "../rounds.mjs";
import { bytes, time } from "../table.mjs";

/** Few enough that hardly any is where the system read ahead for another. */
const READS = 32;
/** Reads before all rounds, from a store that is open: what is measured is the disk and code that is compiled. */
const WARMING = 20_000;
/** What the peers offer for such reads. */
const OPTIONS = { lmdb: { noReadAhead: true } };
/** So many, in a quick run too, that no store has read a large part of them when it is open. */
const COUNTS = { fixed: 1_000_000, oversized: 65_536 };

/** What was read from the disk is the kernel's own count for this process, and so that of mapped files too. */
export async function makeRow({ directories, isQuick, of }) {
	const { Store, stored } = JOURNALS[of];
	const contenders = [];
	for (const contender of [
		{ name: "dualslot", Store, share: 1 },
		...peersFor("time"),
	]) {
		const directory = directories.make("cold");
		const count = shareOf(COUNTS[of], contender);
		contenders.push(await filled(contender, directory, stored, count));
	}
	return {
		title: `${of} journal, cold: ${stored.size} bytes at random, from the disk, in a store just opened; each`,
		isTidy: true,
		warmUp: 1,
		rounds: isQuick ? 7 : 25,
		metrics: [
			{
				name: "time",
				of: (samples) => median(samples.map(({ elapsed }) => elapsed)),
				format: time,
			},
			{
				name: "read",
				of: (samples) => median(samples.map(({ read }) => read)),
				format: bytes,
			},
		],
		contenders,
	};
}

async function filled(contender, directory, stored, count) {
	const { name, Store } = contender;
	const options = OPTIONS[name];
	const filling = await Store.open(directory, stored);
	await filling.fill(count);
	await filling.getEach(scattered(shareOf(WARMING, contender), count));
	await filling.close();
	const order = scattered(READS, count);
	const expected = stored.digestOf(order);
	return {
		...contender,
		async measure() {
			dropCached(directory);
			const store = await Store.open(directory, stored, options);
			const before = bytesFromDisk();
			let found;
			const elapsed = await timed(async () => {
				found = await store.getEach(order);
			});
			const read = bytesFromDisk() - before;
			await store.close();
			if (found !== expected) {
				throw new Error(`${name} read other bytes than were stored`);
			}
			return [{ elapsed: elapsed / READS, read: read / READS }];
		},
	};
}

function bytesFromDisk() {
	const counts = readFileSync("/proc/self/io", "utf8");
	return Number(/^read_bytes: (\d+)$/m.exec(counts)[1]);
}
