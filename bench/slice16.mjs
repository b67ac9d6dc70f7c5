// The tables of assembly/crc/slice16.ts and nothing else, compiled as the core is: what the core's vectors are measured
// against, in any runtime.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const ENTRY = "assembly/slice16-alone.ts";
const SOURCE = `
import { afterBytesCastagnoli, afterBytesIso } from "./slice16";

export function crc32c(address: usize, length: usize, crc: u32): u32 {
	return ~afterBytesCastagnoli(~crc, address, length);
}

export function crc32(address: usize, length: usize, crc: u32): u32 {
	return ~afterBytesIso(~crc, address, length);
}

export function heapBase(): usize {
	return __heap_base;
}
`;

/** The bytes of a module with `crc32c`, `crc32`, `heapBase` and a memory of 64 KiB. */
export async function compileSlice16() {
	let bytes;
	const options = ["--config", "asconfig.json", "--target", "release"];
	const { error, stderr } = await asc.main([ENTRY, ...options], {
		readFile: read,
		writeFile(_, data) {
			bytes = data;
		},
	});
	if (error) {
		throw new Error(`asc failed on slice16:\n${stderr}`, { cause: error });
	}
	return bytes;
}

function read(name) {
	if (name === ENTRY) {
		return SOURCE;
	}
	if (name === "asconfig.json") {
		const config = JSON.parse(readFileSync(join(ROOT, name), "utf8"));
		return JSON.stringify({ ...config, entries: [] });
	}
	try {
		return readFileSync(join(ROOT, name), "utf8");
	} catch (error) {
		if (error.code === "ENOENT") {
			return null;
		}
		throw error;
	}
}
