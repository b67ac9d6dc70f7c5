// What the rows of packed stores move: frames of 512 KiB, those that test/interop/src-holt/frame.rs makes, so that holt moves
// the same bytes. Frame `index` of a row holds the fill of its place in its batch.
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { memoryHost, openStorage } from "../build/memory.js";
import { wantHugePages } from "./huge-pages.mjs";

export const FRAME_SIZE = 512 * 1024;
/** Frames that one turn moves, however many of them together. */
export const FRAMES = 64;

const GUID_SIZE = 16;
/** Between neighbouring words of a frame. */
const STEP = 0x9e3779b9;
/** What direct I/O asks of an address. */
const ALIGNMENT = 4096;
/** In which linear memory may begin anywhere, and end. */
const HUGE_PAGE = 2 ** 21;

const made = [];

/** Its words count up from `fill` by STEP, little-endian: no two fills have one in the same place. */
function frameOf(fill) {
	made[fill] ??= patterned(fill);
	return made[fill];
}

function patterned(fill) {
	const frame = Buffer.alloc(FRAME_SIZE);
	let word = fill;
	for (let at = 0; at < FRAME_SIZE; at += 4) {
		frame.writeUInt32LE(word, at);
		word = (word + STEP) >>> 0;
	}
	return frame;
}

/** The frames of a row, as many at once as its stores write or read together. */
export class Frames {
	/** Of a batch of writes, or how many reads are under way at once. */
	together;

	constructor(together) {
		this.together = together;
	}

	/** The GUIDs of a row, as the program of holt numbers them. */
	get guids() {
		return Array.from({ length: FRAMES }, (_, index) => {
			const guid = Buffer.alloc(GUID_SIZE);
			guid.writeUInt32BE(index, 4);
			return guid;
		});
	}

	/** The first frame of each batch. */
	get starts() {
		const { together } = this;
		return Array.from(
			{ length: FRAMES / together },
			(_, batch) => batch * together,
		);
	}

	/** Fills places for as many frames as are moved at once. */
	fill(places) {
		for (const [fill, place] of places.entries()) {
			place.set(frameOf(fill));
		}
	}

	/** Throws where a frame is not what was stored. */
	check(contender, index, bytes) {
		if (frameOf(index % this.together).compare(bytes) !== 0) {
			throw new Error(`${contender}: frame ${index} is wrong`);
		}
	}

	/** SHA-256, in hex, of all frames of a row, one after the other. */
	get digest() {
		const hash = createHash("sha256");
		for (let index = 0; index < FRAMES; index += 1) {
			hash.update(frameOf(index % this.together));
		}
		return hash.digest("hex");
	}
}

/** Aligned places for frames, in linear memory; with huge pages under it, as under dualslot's own, if the kernel has them. */
export async function framesOfMemory(count, isHuge) {
	const memory = count * FRAME_SIZE + 3 * HUGE_PAGE;
	const { core, arena } = await openStorage(memoryHost(), { memory });
	if (isHuge) {
		wantHugePages(core.bytes(0, memory));
	}
	arena.allocate(HUGE_PAGE);
	return Array.from({ length: count }, () =>
		core.bytes(arena.allocate(FRAME_SIZE, ALIGNMENT), FRAME_SIZE),
	);
}
