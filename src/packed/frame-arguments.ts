import { FRAME_SIZE } from "../../assembly/format.ts";
import {
	checkBytes,
	checkList,
	checkWhole,
	isBytes,
	kindOf,
} from "../checks.ts";
import { bytesBehind, type FrameSource } from "./frames/frame.ts";
import { type FrameBytes, FrameLease } from "./frames/frame-lease.ts";
import type { FramePool } from "./frames/frame-pool.ts";

/** Throws TypeError and RangeError unless it is a frame of this pool, or as many bytes. */
export function checkFrame(source: FrameSource, pool: FramePool): FrameBytes {
	const frame = bytesBehind(source);
	const bytes = frame instanceof FrameLease ? frame.bytes : frame;
	if (!isBytes(bytes)) {
		throw new TypeError(
			`a frame comes from allocateFrame, or is a Uint8Array, not ${kindOf(bytes)}`,
		);
	}
	if (bytes.length !== FRAME_SIZE) {
		throw new RangeError(
			`a frame has ${FRAME_SIZE} bytes, not ${bytes.length}`,
		);
	}
	if (frame instanceof FrameLease && !pool.owns(frame)) {
		throw new TypeError("the frame is another store's");
	}
	return frame;
}

/** Throws TypeError unless it is a list of pairs. */
export function checkWrites(writes: unknown): void {
	checkList("writes", writes);
	if (!writes.every(Array.isArray)) {
		throw new TypeError("each of the writes is a list of a GUID and a frame");
	}
}

/** Throws TypeError and RangeError unless there is a target for each GUID. */
export function checkPairs(guids: unknown, targets: unknown): void {
	checkList("guids", guids);
	checkList("targets", targets);
	if (guids.length !== targets.length) {
		throw new RangeError(
			`${guids.length} GUIDs are read into as many frames, not ${targets.length}`,
		);
	}
}

/** Throws TypeError and RangeError for bytes outside a frame. */
export function checkRangeOfFrame(offset: number, target: Uint8Array): void {
	checkWhole("an offset", offset);
	checkBytes(target);
	if (offset + target.length > FRAME_SIZE) {
		throw new RangeError(
			`a frame has ${FRAME_SIZE} bytes: there are no ${target.length} at ${offset}`,
		);
	}
}
