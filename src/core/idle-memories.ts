import { RESULT_SIZE } from "../../assembly/format.ts";
import type { CoreExports } from "./exports.ts";
import { detachViews } from "./module.ts";

/** A core that nobody uses. */
interface Idle {
	readonly exports: CoreExports;
	/** Where the bytes that its last user left end. */
	readonly end: number;
}

/** Four of the default size, or none of a large one. */
const IDLE: Idle[] = [];
const IDLE_BYTES_MAX = 64 * 1024 * 1024;

/**
 * Keeps a memory for another use, where there is room for it and the engine detaches all views of
 * it. Nothing was written at `end` or behind it.
 */
export function keepIdle(exports: CoreExports, end: number): void {
	const isNobodys = detachViews(exports);
	const bytes = IDLE.reduce((sum, idle) => sum + bytesOf(idle), 0);
	if (isNobodys && bytes + bytesOf({ exports }) <= IDLE_BYTES_MAX) {
		IDLE.push({ exports, end });
	}
}

/** An idle core of that size, without its last user's bytes. */
export function takeIdle(memoryBytes: number): CoreExports | undefined {
	const place = IDLE.findIndex((idle) => bytesOf(idle) === memoryBytes);
	const [idle] = place < 0 ? [] : IDLE.splice(place, 1);
	if (idle === undefined) {
		return undefined;
	}
	const { exports, end } = idle;
	const whole = new Uint8Array(exports.memory.buffer);
	const result = exports.resultAddress() >>> 0;
	whole.fill(0, exports.heapBase() >>> 0, end);
	whole.fill(0, result, result + RESULT_SIZE);
	return exports;
}

function bytesOf({ exports }: Pick<Idle, "exports">): number {
	return exports.memory.buffer.byteLength;
}
