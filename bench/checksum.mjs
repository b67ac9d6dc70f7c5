// Runs in Node, in Deno and in browsers alike, and so imports nothing from any of them.
import { instantiate } from "@assemblyscript/loader";

/** Bytes of a page. */
export const SIZE = 4096;
export const BATCH = 500;

/**
 * Who makes the CRC of a page where it lies: the core, and slicing by 16 alone, the module of compileSlice16; each by
 * both polynomials. `measure` answers nanoseconds for each call of a batch, and `against` is the name of the contender
 * that another is compared with. All have made the same CRCs before any is measured.
 */
export async function checksumContenders({ core, arena, slice16 }) {
	const { exports: tables } = await instantiate(slice16);
	const address = arena.allocate(SIZE);
	const page = core.bytes(address, SIZE);
	for (let at = 0; at < SIZE; at += 1) {
		page[at] = Math.imul(at + 1, 0x9e3779b1) >>> 24;
	}
	const copy = tables.heapBase();
	new Uint8Array(tables.memory.buffer, copy, SIZE).set(page);
	return [
		pair("CRC-32C", {
			core: () => core.checksums.crc32c(address, SIZE),
			tables: () => tables.crc32c(copy, SIZE, 0) >>> 0,
		}),
		pair("CRC-32", {
			core: () => core.checksums.crc32(address, SIZE),
			tables: () => tables.crc32(copy, SIZE, 0) >>> 0,
		}),
	].flat();
}

/** A contender by a call that makes one CRC. */
export function contender(name, call, rest) {
	return { name, measure: () => [batch(call)], ...rest };
}

function pair(algorithm, { core, tables }) {
	if (core() !== tables()) {
		throw new Error(`the core and its tables disagree about a ${algorithm}`);
	}
	const first = `core, ${algorithm}`;
	return [
		contender(first, core, { against: first }),
		contender(`slicing by 16, ${algorithm}`, tables, {
			against: first,
			goals: { time: { ratio: 4 } },
		}),
	];
}

function batch(call) {
	const start = performance.now();
	for (let count = 0; count < BATCH; count += 1) {
		call();
	}
	return ((performance.now() - start) * 1e6) / BATCH;
}
