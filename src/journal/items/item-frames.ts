import { PLACE_SIZE } from "../../../assembly/format.ts";
import type { FrameRun } from "../../core/answers.ts";
import type { StoreContext } from "../../storage/context.ts";

/** Of three parts of scratch, two hold frames, and the third their places. */
const SHARES = 3;

/**
 * Whole frames at the start of `bytes`, not always all; none only if there is none. A payload has
 * at most `sizeMax` bytes.
 */
export function scanFrames(
	storage: StoreContext,
	bytes: Uint8Array,
	sizeMax: number,
): FrameRun {
	const piece = pieceBytes(storage);
	const run = scanPiece(storage, bytes.subarray(0, piece), sizeMax);
	if (run.stop !== "partial" || bytes.length <= piece) {
		return run;
	}
	return run.end > 0 ? { ...run, stop: "more" } : longFrame(run, bytes.length);
}

function scanPiece(
	storage: StoreContext,
	piece: Uint8Array,
	sizeMax: number,
): FrameRun {
	const { core, memory } = storage;
	const size = pieceBytes(storage);
	const frames = Math.floor((memory.scratch.size - size) / PLACE_SIZE);
	return memory.scratch.use(memory.scratch.size, (address) => {
		core.write(address, piece);
		const table = address + size;
		return core.records.scanFrames(
			address,
			piece.length,
			sizeMax,
			table,
			frames,
		);
	});
}

/** The bytes of one scan. */
function pieceBytes({ memory }: StoreContext): number {
	const third = Math.floor(memory.scratch.size / SHARES / PLACE_SIZE);
	return (SHARES - 1) * third * PLACE_SIZE;
}

/** One frame that is longer than a piece. */
function longFrame(run: FrameRun, available: number): FrameRun {
	const { width, size } = run.next;
	return width + size > available
		? run
		: { ...run, places: Uint32Array.of(width, size), end: width + size };
}
