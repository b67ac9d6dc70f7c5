import { SECTOR_SIZE } from "../../assembly/format.ts";
import {
	type DiskImage,
	type FileModel,
	type FileStep,
	hashImage,
	type Medium,
	versionPicker,
} from "./crash-disk.ts";
import type { Random } from "./prng.ts";
import { SparseBytes } from "./sparse-bytes.ts";
import { SparseHost } from "./sparse-host.ts";

/**
 * Images of large files, which share what they have in common. Their sectors are told apart by the first bytes alone where a file
 * holds frames: a frame of the tests says in each sector what it is.
 */
export function sparseMedium(framesPath: string): Medium<SparseBytes> {
	return {
		model: modelFor(framesPath),
		withImage: async ({ directories, files }, body) => {
			const host = new SparseHost();
			for (const directory of directories) {
				host.makeDirectory(directory);
			}
			for (const [path, bytes] of files) {
				host.put(path, bytes);
			}
			return body(host);
		},
	};
}

function modelFor(framesPath: string): FileModel<SparseBytes> {
	return {
		nothing: SparseBytes.NOTHING,
		...{ applied, mixed, headOf },
		hashOf: (image) => hashSparse(image, framesPath),
	};
}

function applied(bytes: SparseBytes, step: FileStep): SparseBytes {
	switch (step.kind) {
		case "write":
			return bytes.written(step.bytes, step.offset);
		case "truncate":
			return bytes.resized(step.size);
		case "allocate":
			return bytes.resized(Math.max(step.size, bytes.size));
	}
}

function mixed(versions: readonly SparseBytes[], random: Random): SparseBytes {
	const pick = versionPicker(versions.length, random);
	const size = versions[pick()]?.size ?? 0;
	return SparseBytes.mixed(versions, size, SECTOR_SIZE, pick);
}

/** Up to a sector's end: no sector is torn. */
function headOf(step: FileStep, random: Random): FileStep {
	if (step.kind !== "write") {
		return step;
	}
	const { offset, bytes } = step;
	const end = offset + random.integer(0, bytes.length + SECTOR_SIZE);
	const length = Math.max(0, end - (end % SECTOR_SIZE) - offset);
	return { ...step, bytes: bytes.subarray(0, length) };
}

const WORD_SIZE = 4;
const TOLD_BYTES = 12;

function hashSparse(image: DiskImage<SparseBytes>, framesPath: string): number {
	return hashImage(image, (bytes, mix, path) => {
		const told = path === framesPath ? TOLD_BYTES : SECTOR_SIZE;
		mix(bytes.size);
		bytes.forEachChunk((chunk, index) => {
			mix(index);
			mix(hashOfChunk(chunk, told));
		});
	});
}

const CHUNK_HASHES = new WeakMap<Uint8Array, number>();

/** Of the first `told` bytes of each sector. Chunks never change, and most of them are in many images. */
function hashOfChunk(chunk: Uint8Array, told: number): number {
	const known = CHUNK_HASHES.get(chunk);
	if (known !== undefined) {
		return known;
	}
	const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.length);
	let hash = chunk.length;
	for (let at = 0; at < chunk.length; at += SECTOR_SIZE) {
		const end = Math.min(at + told, chunk.length);
		for (let from = at; from < end; from += WORD_SIZE) {
			const isWord = from + WORD_SIZE <= end;
			const word = isWord ? view.getUint32(from, true) : view.getUint8(from);
			hash = Math.imul(hash ^ word, 0x9e3779b1);
			hash ^= hash >>> 15;
		}
	}
	CHUNK_HASHES.set(chunk, hash);
	return hash;
}
