import { SECTOR_SIZE } from "../../../assembly/format.ts";
import { SparseHost } from "../hosts/sparse-host.ts";
import type { Random } from "../runs/prng.ts";
import {
	type DiskImage,
	type FileModel,
	type FileStep,
	hashImage,
	type Medium,
	versionPicker,
} from "./crash-disk.ts";
import { SparseBytes } from "./sparse-bytes.ts";

/**
 * Images of large files, which share equal parts. In a file of frames the first bytes alone tell
 * sectors apart: each sector of the tests' frames says what it is.
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
	return SparseBytes.mixed(versions, size, pick);
}

/** Ends at a sector's end: no sector is torn. */
function headOf(step: FileStep, random: Random): FileStep {
	if (step.kind !== "write") {
		return step;
	}
	const { offset, bytes } = step;
	const end = offset + random.integer(0, bytes.length + SECTOR_SIZE);
	const length = Math.max(0, end - (end % SECTOR_SIZE) - offset);
	return { ...step, bytes: bytes.subarray(0, length) };
}

const TOLD_BYTES = 12;
const HIGH = 2 ** 32;

function hashSparse(image: DiskImage<SparseBytes>, framesPath: string): number {
	return hashImage(image, (bytes, mix, path) => {
		const hash = bytes.hash(path === framesPath ? TOLD_BYTES : SECTOR_SIZE);
		mix(hash / HIGH);
		mix(hash);
	});
}
