import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

const HEADER_SIZE = 24;
const MAPPING_SIZE = 24;
const GUID_SIZE = 16;

/** What the files of a packed store say, so that two can be compared; a log that is not there is one that is empty. */
export interface PackedFiles {
	/** In hex. */
	readonly log: string;
	/** The header in hex, and each GUID with its slot: holt writes them in any order. */
	readonly snapshot: readonly string[];
	/** Bytes of blobs.dat. */
	readonly frames: number;
}

export function packedFilesOf(directory: string): PackedFiles {
	const frames = join(directory, "blobs.dat");
	return {
		log: bytesOf(join(directory, "manifest.log")).toString("hex"),
		snapshot: mappingsOf(bytesOf(join(directory, "manifest.bin"))),
		frames: existsSync(frames) ? statSync(frames).size : 0,
	};
}

function mappingsOf(snapshot: Buffer): string[] {
	const mappings: string[] = [];
	for (let at = HEADER_SIZE; at < snapshot.length; at += MAPPING_SIZE) {
		const guid = snapshot.toString("hex", at, at + GUID_SIZE);
		mappings.push(`${guid} ${snapshot.readBigUInt64LE(at + GUID_SIZE)}`);
	}
	return [snapshot.toString("hex", 0, HEADER_SIZE), ...mappings.sort()];
}

function bytesOf(path: string): Buffer {
	return existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
}
