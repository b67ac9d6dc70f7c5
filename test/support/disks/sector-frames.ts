import {
	FRAME_SIZE,
	GUID_SIZE,
	SECTOR_SIZE,
} from "../../../assembly/format.ts";

const MAGIC = 0x4d415246;
const SECTORS = FRAME_SIZE / SECTOR_SIZE;
const WORDS_PER_SECTOR = SECTOR_SIZE / 4;

/** A sector of zeros, and one that is of no frame or in the wrong place. */
const ZEROS = 0;
export const FOREIGN = -1;

/** GUIDs of tests, by a number below 256. */
export function sectorGuid(number: number): Uint8Array {
	return new Uint8Array(GUID_SIZE).fill(0xa0 + number);
}

/** The frame of a version, from 1 on. Each sector says its version and its place. */
export function sectorFrame(version: number): Uint8Array {
	const bytes = new Uint8Array(FRAME_SIZE).fill(version & 0xff);
	const words = new Uint32Array(bytes.buffer);
	for (let sector = 0; sector < SECTORS; sector += 1) {
		const at = sector * WORDS_PER_SECTOR;
		words[at] = MAGIC;
		words[at + 1] = version;
		words[at + 2] = sector;
	}
	return bytes;
}

/** The versions of a frame's sectors. */
export function versionsIn(frame: Uint8Array): Set<number> {
	const words = new Uint32Array(frame.buffer, frame.byteOffset, FRAME_SIZE / 4);
	const versions = new Set<number>();
	for (let sector = 0; sector < SECTORS; sector += 1) {
		versions.add(versionIn(words, sector));
	}
	return versions;
}

function versionIn(words: Uint32Array, sector: number): number {
	const at = sector * WORDS_PER_SECTOR;
	const magic = words[at];
	const version = words[at + 1] ?? FOREIGN;
	if (magic === MAGIC && words[at + 2] === sector) {
		return version;
	}
	return magic === 0 && version === 0 ? ZEROS : FOREIGN;
}
