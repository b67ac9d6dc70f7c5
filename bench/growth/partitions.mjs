import { Buffer } from "node:buffer";
import { PagedBlob } from "../../build/index.js";
import { openStorage } from "../../build/node.js";
import { timed } from "../rounds.mjs";

const ENTRY = Buffer.alloc(32, 7);
const LAST = 10;

/** Partitions of a store, with a paged blob in each. */
export const partitions = {
	sizes: [10, 100, 1000],
	rows: {
		"make all, each durable": 1,
		"make one more": 0,
		"open the store": 0,
		"open the store after a crash": 0,
	},
	measure,
};

async function measure(directory, count) {
	let storage = await openStorage(directory);
	const all = await timed(() => make(storage, 0, count));
	const more = await timed(() => make(storage, count, count + LAST));
	await storage.close();
	const clean = await timed(async () => {
		storage = await openStorage(directory);
	});
	await make(storage, count + LAST, count + LAST + 1);
	await storage.drop();
	const crashed = await timed(async () => {
		storage = await openStorage(directory);
	});
	await storage.close();
	return {
		"make all, each durable": all,
		"make one more": more / LAST,
		"open the store": clean,
		"open the store after a crash": crashed,
	};
}

async function make(storage, from, to) {
	for (let number = from; number < to; number += 1) {
		const blob = await PagedBlob.open(storage, `part-${number}`, "blob");
		await blob.append(ENTRY);
		await blob.close();
	}
}
