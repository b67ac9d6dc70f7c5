import type { FrameBytes } from "./frame-lease.ts";

/** A frame, or bytes for one, on the way to a slot. */
export interface SlotWrite {
	readonly slot: number;
	readonly source: FrameBytes;
}

/**
 * Sorts writes in the order of the file, neighbouring slots together: each run is one vectored
 * write. Two writes of one slot never share a run, and keep their order: the last one stands.
 * (holt's order.)
 */
export function runsOf<T extends Pick<SlotWrite, "slot">>(
	writes: readonly T[],
): T[][] {
	const runs: T[][] = [];
	let end: number | undefined;
	for (const write of [...writes].sort((one, other) => one.slot - other.slot)) {
		if (write.slot === end) {
			runs.at(-1)?.push(write);
		} else {
			runs.push([write]);
		}
		end = write.slot + 1;
	}
	return runs;
}

/** The writes that stand after all, for a host that keeps no order. */
export function lastOfEachSlot<T extends Pick<SlotWrite, "slot">>(
	writes: readonly T[],
): T[] {
	return [...new Map(writes.map((write) => [write.slot, write])).values()];
}
