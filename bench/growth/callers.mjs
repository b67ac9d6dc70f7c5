import { Buffer } from "node:buffer";
import { PagedBlob } from "../../build/index.js";
import { openStorage } from "../../build/node.js";
import { timed } from "../rounds.mjs";

const ENTRY = Buffer.alloc(256, 7);
const ROUNDS = 20;

/** Callers at once: each appends to one blob and syncs, again and again. */
export const callers = {
	sizes: [1, 10, 100, 1000, 10_000],
	rows: { "a durable append of each": 1 },
	measure,
};

async function measure(directory, count) {
	const storage = await openStorage(directory);
	const blob = await PagedBlob.open(storage, "partition", "blob");
	const elapsed = await timed(() =>
		Promise.all(Array.from({ length: count }, () => call(blob))),
	);
	await storage.close();
	return { "a durable append of each": elapsed / ROUNDS };
}

async function call(blob) {
	for (let round = 0; round < ROUNDS; round += 1) {
		await blob.append(ENTRY);
		await blob.sync();
	}
}
