import type { SlotRange } from "../../core/manifest-answers.ts";

/**
 * Slots that a write may take, in this order: the last freed first, then those free at open from
 * the lowest on, then slots that no frame has had. (holt's order, so that the same calls take the
 * same slots.)
 */
export class FreeSlots {
	readonly #freed: bigint[] = [];
	/** The lowest range last. */
	#ranges: SlotRange[];
	#next: bigint;

	/**
	 * `ranges` are in ascending order, `next` is the first slot behind all that was ever given out.
	 */
	constructor(ranges: readonly SlotRange[], next: bigint) {
		this.#ranges = [...ranges].reverse();
		this.#next = next;
	}

	get next(): bigint {
		return this.#next;
	}

	/** Slots that were given out before, and can be taken. */
	get count(): number {
		return this.#ranges.reduce(
			(sum, { first, last }) => sum + Number(last - first) + 1,
			this.#freed.length,
		);
	}

	take(): bigint {
		const freed = this.#freed.pop();
		if (freed !== undefined) {
			return freed;
		}
		const range = this.#ranges.pop();
		if (range !== undefined) {
			const { first, last } = range;
			if (first < last) {
				this.#ranges.push({ first: first + 1n, last });
			}
			return first;
		}
		this.#next += 1n;
		return this.#next - 1n;
	}

	/** In the order in which they were freed. */
	giveBack(slots: readonly bigint[]): void {
		for (const slot of slots) {
			this.#freed.push(slot);
		}
	}

	/**
	 * Gives back slots that a failed write had taken. Free slots at the end then count as never given
	 * out, so that the next write finds the same room.
	 */
	rollBack(slots: readonly bigint[]): void {
		this.giveBack(slots);
		this.#freed.sort((one, other) => (one < other ? -1 : one > other ? 1 : 0));
		while (this.#lowerNext()) {}
	}

	#lowerNext(): boolean {
		const last = this.#next - 1n;
		if (this.#freed.at(-1) === last) {
			this.#freed.pop();
			this.#next = last;
			return true;
		}
		const range = this.#ranges.find((found) => found.last === last);
		if (range !== undefined) {
			this.#ranges = this.#ranges.filter((found) => found !== range);
			this.#next = range.first;
		}
		return range !== undefined;
	}
}
