import zlib from "node:zlib";
import { memoryHost, openStorage } from "../../build/memory.js";
import { BATCH, checksumContenders, contender, SIZE } from "../checksum.mjs";
import { startDeno } from "../deno.mjs";
import { median, medianOfRatios } from "../rounds.mjs";
import { compileSlice16 } from "../slice16.mjs";
import { time } from "../table.mjs";

/** A page's checksum where it lies: by the core, by tables alone, by the C of Node's zlib; and the same in Deno. */
export async function makeRow({ isQuick }) {
	const storage = await openStorage(memoryHost());
	const { core, arena } = storage;
	const slice16 = await compileSlice16();
	const inNode = await checksumContenders({ core, arena, slice16 });
	const deno = await startDeno("checksum-in-deno.mjs");
	return {
		title: `checksum: ${SIZE} bytes in place; medians of batches of ${BATCH}, and of the ratios of each round`,
		warmUp: 20,
		rounds: isQuick ? 100 : 400,
		metrics: [
			{ name: "time", of: median, ratio: medianOfRatios, format: time },
		],
		contenders: [...inNode, byZlib(core, arena), ...contendersIn(deno)],
		async close() {
			await deno.close();
			await storage.close();
		},
	};
}

function byZlib(core, arena) {
	const address = arena.allocate(SIZE);
	const page = core.bytes(address, SIZE).fill(0xa5);
	if (core.checksums.crc32(address, SIZE) !== zlib.crc32(page)) {
		throw new Error("the core and zlib disagree about a CRC-32");
	}
	return contender("node:zlib, CRC-32", () => zlib.crc32(page), {
		against: "core, CRC-32",
		goals: { time: { ratio: 2.5 } },
	});
}

function contendersIn({ hello, ask }) {
	const named = (name) => `Deno ${hello.version}: ${name}`;
	return hello.contenders.map(({ name, against, goals }, index) => ({
		name: named(name),
		against: named(against),
		goals,
		measure: () => ask(index),
	}));
}
