import { PLACE_SIZE } from "../../assembly/format.ts";
import type { FrameRun } from "../core.ts";
import type { Storage } from "../storage.ts";

/** What one scan looks at: linear memory is taken for the scan alone. */
const PIECE_BYTES = 32 * 1024;
const PIECE_FRAMES = 2048;

/** Some of the whole frames at the start of some bytes; none only where none comes. A payload may have `sizeMax` bytes. */
export function scanFrames(
	storage: Storage,
	bytes: Uint8Array,
	sizeMax: number,
): FrameRun {
	const run = scanPiece(storage, bytes.subarray(0, PIECE_BYTES), sizeMax);
	if (run.stop !== "partial" || bytes.length <= PIECE_BYTES) {
		return run;
	}
	return run.end > 0 ? { ...run, stop: "more" } : longFrame(run, bytes.length);
}

function scanPiece(
	{ arena, core }: Storage,
	piece: Uint8Array,
	sizeMax: number,
): FrameRun {
	const address = arena.allocate(PIECE_BYTES + PIECE_FRAMES * PLACE_SIZE);
	try {
		core.write(address, piece);
		const table = address + PIECE_BYTES;
		return core.scanFrames(address, piece.length, sizeMax, table, PIECE_FRAMES);
	} finally {
		arena.free(address);
	}
}

/** One frame that is longer than a piece. */
function longFrame(run: FrameRun, available: number): FrameRun {
	const { width, size } = run.next;
	return width + size > available
		? run
		: { ...run, places: Uint32Array.of(width, size), end: width + size };
}
