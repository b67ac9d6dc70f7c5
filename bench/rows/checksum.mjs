import zlib from "node:zlib";
import { memoryHost, openStorage } from "../../build/memory.js";
import { entryAt } from "../entries.mjs";
import { median, timed } from "../rounds.mjs";
import { time } from "../table.mjs";

const SIZE = 4096;
const BATCH = 1000;
const BATCHES = 20;

/** For information: a page's checksum where it lies, by the core and by the C of Node's zlib. */
export async function makeRow({ isQuick }) {
	const storage = await openStorage(memoryHost());
	const { core, arena } = storage;
	const address = arena.allocate(SIZE);
	const page = core.bytes(address, SIZE);
	for (let at = 0; at < SIZE; at += entryAt(at).length) {
		page.set(entryAt(at), at);
	}
	const contenders = [
		{ name: "core, CRC-32C", call: () => core.crc32c(address, SIZE) },
		{ name: "core, CRC-32", call: () => core.crc32(address, SIZE) },
		{ name: "node:zlib, CRC-32", call: () => zlib.crc32(page) },
	];
	if (contenders[1].call() !== contenders[2].call()) {
		throw new Error("the core and zlib disagree about a CRC-32");
	}
	return {
		title: `checksum: ${SIZE} bytes in place; median of batches of ${BATCH}`,
		warmUp: 20,
		rounds: isQuick ? 5 : 15,
		metrics: [{ name: "time", of: median, format: time }],
		contenders: contenders.map(({ name, call }) => ({
			name,
			measure: () => batches(call),
		})),
		close: () => storage.close(),
	};
}

async function batches(call) {
	const samples = [];
	for (let batch = 0; batch < BATCHES; batch += 1) {
		const elapsed = await timed(() => {
			for (let count = 0; count < BATCH; count += 1) {
				call();
			}
		});
		samples.push(elapsed / BATCH);
	}
	return samples;
}
