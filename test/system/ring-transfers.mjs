// Moves the bytes of a store: argv[2] is 'storage' or 'packed', then come its directory, `io`, `sync`, and 'nobody' for a user without
// rights. Fails where it finds other bytes than it wrote; says as JSON whether the kernel gave a ring.
import { argv, stdout } from "node:process";
import { FixedJournal, PageCache } from "../../build/index.js";
import { nodeHost, openPackedStore, openStorage } from "../../build/node.js";
import { becomeNobody } from "./nobody.mjs";

const [, , kind, directory, io, sync, user] = argv;
const FRAME_SIZE = 524288;
/** As many as are handed over in one call, and room for the copies of those that are the caller's own. */
const FRAMES = 12;
const SPARE = 2;

if (user === "nobody") {
	// What the engine loads late, it loads while this user may still read it.
	const lock = await nodeHost(import.meta.dirname).lock();
	await lock?.release();
	becomeNobody();
}
const guid = (value) => new Uint8Array(16).fill(value);
const moved = kind === "storage" ? await moveBlobs() : await moveFrames();
stdout.write(JSON.stringify(moved));

async function moveBlobs() {
	const storage = await openStorage(directory, { io, sync });
	const blob = await storage.open("raw", "b");
	await blob.write(0, new Uint8Array(5000).fill(1));
	await blob.sync();
	await blob.writeSync(5000, new Uint8Array(5000).fill(2));
	const read = await blob.read(4990, 20);
	expect(read.every((byte, index) => byte === (index < 10 ? 1 : 2)));
	await blob.close();
	await moveEntries(storage);
	const { ring } = storage.host.capabilities;
	await storage.close();
	return { ring };
}

async function moveEntries(storage) {
	const cache = new PageCache(storage, { pageSize: 4096, pages: 8 });
	const options = { partition: "journal", cache, entry: { size: 32 } };
	const journal = await FixedJournal.open(storage, options);
	const count = 2000;
	for (let index = 0; index < count; index += 1) {
		await journal.append(7n, new Uint8Array(32).fill(index));
	}
	await journal.sync(7n);
	let position = 0;
	for await (const { entry } of journal.replay()) {
		expect(entry.every((byte) => byte === position % 256));
		position += 1;
	}
	expect(position === count);
	await journal.close();
}

async function moveFrames() {
	const options = { frames: FRAMES + SPARE, io, sync };
	const store = await openPackedStore(directory, options);
	const frames = [];
	for (let index = 0; index < FRAMES; index += 1) {
		const frame = await store.allocateFrame();
		frame.bytes.fill(index + 1);
		frames.push(frame);
	}
	await store.writeMany(frames.map((frame, index) => [guid(index), frame]));
	await store.flush();
	await store.write(guid(1), new Uint8Array(FRAME_SIZE).fill(99));
	await store.flush();
	const few = new Uint8Array(100);
	await store.readRange(guid(1), 4000, few);
	expect(few.every((byte) => byte === 99));
	const guids = frames.map((_, index) => guid(index));
	await store.readMany(guids, frames);
	expect(
		frames.every(({ bytes }, index) =>
			bytes.every((byte) => byte === (index === 1 ? 99 : index + 1)),
		),
	);
	const { ring } = store.capabilities;
	await store.close();
	return { ring };
}

function expect(isTrue) {
	if (!isTrue) {
		throw new Error("what was read is not what was written");
	}
}
