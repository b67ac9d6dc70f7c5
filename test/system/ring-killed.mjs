// Flushes frames to the packed store in argv[2] through a ring, synced as argv[3] says, and then writes many more in each turn, over those
// too, without another flush, until it is killed. Says so, one character for each turn.
import { writeSync } from "node:fs";
import { argv } from "node:process";
import { setImmediate } from "node:timers/promises";
import { openPackedStore } from "../../build/node.js";

const [, , directory, sync] = argv;
const FRAMES = 16;
const STDOUT = 1;

const guid = (value) => new Uint8Array(16).fill(value);
const store = await openPackedStore(directory, {
	...{ frames: FRAMES, io: "ring", sync },
});
const frames = [];
for (let index = 0; index < FRAMES; index += 1) {
	frames.push(await store.allocateFrame());
}
const writeAll = (value) =>
	store.writeMany(
		frames.map((frame, index) => {
			frame.bytes.fill(value + index);
			return [guid(index), frame];
		}),
	);
await writeAll(1);
await store.flush();
if (!store.capabilities.ring) {
	throw new Error("the kernel gave no ring");
}
for (let turn = 0; ; turn += 1) {
	const written = writeAll(100 + (turn % 100));
	writeSync(STDOUT, ".");
	await written;
	await setImmediate();
}
