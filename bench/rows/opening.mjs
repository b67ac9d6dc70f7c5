import { Storage } from "../../build/index.js";
import { nodeHost } from "../../build/node.js";
import { openPaged, pagedOf } from "../dualslot.mjs";
import { ENTRY_SIZE, entryAt } from "../entries.mjs";
import { median, timed } from "../rounds.mjs";
import { countingHost } from "../seam.mjs";
import { bytes, time } from "../table.mjs";

const MIB = 2 ** 20;

/** For information: what opening a blob reads does not grow with it, after a crash no more than after a clean close. */
export async function makeRow({ directories, isQuick }) {
	const large = isQuick ? 64 : 1024;
	const contenders = [];
	for (const [megabytes, end] of [
		[1, "close"],
		[large, "close"],
		[1, "drop"],
		[large, "drop"],
	]) {
		const directory = directories.make(`${megabytes}-${end}`);
		await fill(directory, megabytes * MIB, end);
		contenders.push({
			name: `${megabytes} MiB after a ${end}`,
			measure: () => measured(directory, megabytes * MIB, end),
		});
	}
	return {
		title: "open: a store with one blob, and the bytes read",
		warmUp: 1,
		rounds: isQuick ? 3 : 9,
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

async function fill(directory, size, end) {
	const { storage, paged } = await openPaged(directory);
	for (let at = 0; at < size; at += ENTRY_SIZE) {
		await paged.append(entryAt(at / ENTRY_SIZE));
	}
	await paged.sync();
	await storage[end]();
}

async function measured(directory, size, end) {
	const counts = { read: 0 };
	let opened;
	const elapsed = await timed(async () => {
		const host = countingHost(nodeHost(directory), counts);
		opened = await pagedOf(await Storage.open(host));
	});
	if (opened.paged.size !== size) {
		throw new Error(`${opened.paged.size} bytes found, not ${size}`);
	}
	await opened.storage[end]();
	return [{ elapsed, read: counts.read }];
}
