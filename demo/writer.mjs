// The child: appends what the file has and the store has not, and says which lines it was told are durable. It is killed
// without warning, so it keeps nothing but what it reads from the store when it starts.
//
// node writer.mjs <directory> <file> <lines a millisecond> <isSynced>
import { once } from "node:events";
import { setTimeout } from "node:timers/promises";
import { nodeHost } from "../build/node.js";
import { LineStore } from "./line-store.mjs";
import { readLines } from "./text-file.mjs";

const [directory, file, pace, isSynced] = process.argv.slice(2);
// A writer whose parent is gone has nobody left to tell.
process.once("disconnect", () => process.exit());

tell({ event: "opening" });
const store = await LineStore.open(nodeHost(directory), readLines(file), {
	isSynced: isSynced === "true",
});
const { recovery } = store;
tell({ event: "recovered", recovery, equal: await store.countEqual() });
await appendAtPace(Number(pace));
const ended = once(process, "message");
tell({ event: "complete" });
await ended;
await store.close();
process.disconnect();

/**
 * Lines come in at a steady pace, as from users. Those that are due are appended together and synced together, without
 * waiting for the sync before.
 *
 * @param {number} linesPerMillisecond
 */
async function appendAtPace(linesPerMillisecond) {
	const before = store.count;
	const started = performance.now();
	const syncs = [];
	while (!store.isComplete) {
		await setTimeout(1);
		const elapsed = performance.now() - started;
		const due = before + Math.floor(elapsed * linesPerMillisecond);
		if (due > store.count) {
			await store.append(due - store.count);
			const durable = store.sync();
			syncs.push(durable.then((count) => tell({ event: "durable", count })));
		}
	}
	await Promise.all(syncs);
}

/** @param {import("./killing.mjs").Message} message */
function tell(message) {
	process.send?.(message);
}
