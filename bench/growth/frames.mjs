import { Buffer } from "node:buffer";
import { openPackedStore } from "../../build/node.js";
import { layPacked } from "../packed-files.mjs";
import { timed } from "../rounds.mjs";

const WRITES = 20;

/** Frames of a packed store. */
export const frames = {
	sizes: [1e3, 1e4, 1e5, 1e6],
	rows: {
		"open, with checksums": 1,
		"list all": 1,
		"read one": 0,
		"write one more, durable": 0,
	},
	measure,
};

async function measure(directory, count) {
	layPacked(directory, count);
	let store;
	const open = await timed(async () => {
		store = await openPackedStore(directory, { directIO: "off" });
	});
	let guids;
	const list = await timed(() => {
		guids = store.list();
	});
	if (guids.length !== count) {
		throw new Error(`${guids.length} frames of ${count} were listed`);
	}
	const frame = await store.allocateFrame();
	const read = await timed(() => readSome(store, guids, frame));
	const write = await timed(() => writeSome(store, frame));
	frame.release();
	await store.close();
	return {
		"open, with checksums": open,
		"list all": list,
		"read one": read / WRITES,
		"write one more, durable": write / WRITES,
	};
}

async function readSome(store, guids, frame) {
	for (const guid of guids.slice(0, WRITES)) {
		await store.read(guid, frame);
	}
}

async function writeSome(store, frame) {
	frame.bytes.fill(5);
	for (let index = 0; index < WRITES; index += 1) {
		const guid = Buffer.alloc(16, 3);
		guid.writeUInt32BE(index);
		await store.write(guid, frame);
		await store.flush();
	}
}
