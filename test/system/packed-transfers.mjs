// Run under strace: moves frames through a packed store until it grows by large chunks, says whether it gets room on the disk for them,
// and which mapping of the process its frames lie in, and stops before anything reads blobs.dat through the system's cache.
import { readFileSync } from "node:fs";
import { argv, stdout } from "node:process";

const [, , runtime, directory, sync] = argv;
const { openPackedStore } = await import(`../../build/${runtime}.js`);

const guid = (index) => new Uint8Array(16).fill(index);
const store = await openPackedStore(directory, {
	...{ frames: 12, sync },
	// What a ring moves is no call that strace shows.
	io: "calls",
});
const frames = [];
for (let index = 0; index < 8; index += 1) {
	const frame = await store.allocateFrame();
	frame.bytes.fill(index + 1);
	frames.push(frame);
}
await store.write(guid(1), frames[0]);
await store.flush();
await store.writeMany(frames.map((frame, index) => [guid(index), frame]));
await store.flush();
const own = new Uint8Array(524288).fill(99);
await store.write(guid(1), own);
await store.writeMany([
	[guid(9), own],
	[guid(3), frames[3]],
]);
await store.delete(guid(2));
await store.flush();
await store.read(guid(1), frames[1]);
await store.readMany([0, 3, 4, 5, 6, 7, 9].map(guid), frames.slice(0, 7));
const few = new Uint8Array(100);
await store.readRange(guid(1), 4000, few);
await store.readRange(guid(1), 5000, few, { checked: false });
if (few.some((byte) => byte !== 99) || frames[1].bytes.length !== 524288) {
	throw new Error("the frames that were read are not those that were written");
}
for (let index = 20; index < 150; index += 8) {
	await store.writeMany(
		frames.map((frame, more) => [guid(index + more), frame]),
	);
}
await store.flush();
stdout.write(`allocatesRoom ${store.capabilities.allocatesRoom}\n`);
stdout.write(readFileSync("/proc/self/maps", "utf8"));
await store.close();
