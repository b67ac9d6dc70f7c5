import { SEQUENTIAL_READ_BYTES } from "../../host/read-sizes.ts";
import type { StoreContext } from "../../storage/context.ts";
import type { CutReason } from "../report.ts";
import type { ValueSection } from "../values/value-section.ts";
import { entriesIn, runBefore } from "./entry-runs.ts";
import type { OversizedSection } from "./oversized-section.ts";

/** The first entry whose value a crash has lost. */
interface LostValue {
	readonly position: number;
	readonly why: CutReason;
}

/**
 * Finds the first entry whose value did not reach the disk, after a crash of a writer that makes
 * values and entries durable together.
 *
 *    values   | durable                 | window: durable, or in part, or not at all |
 *    entries  | not looked at           | checked, whatever lies behind them         |
 *                                                          last valid entry's value ends ^
 *
 * At most the window of values was ever unsynced, and no entry was handed over before its value. So
 * a value that ends before the window is durable. Nothing behind the first lost one was ever
 * acknowledged.
 */
export class LostValueSearch {
	readonly #open: OversizedSection;
	readonly #values: ValueSection;
	readonly #window: number;
	/** Of entries that are looked at together. */
	readonly #runBytes: number;
	/** Where the window begins, once the last entry that can be read is known. */
	#floor: number | undefined;
	#lost: LostValue | undefined;

	constructor(
		{ marker, memory }: StoreContext,
		open: OversizedSection,
		values: ValueSection,
	) {
		this.#open = open;
		this.#values = values;
		this.#window = marker.window;
		// A small store has memory for no more.
		this.#runBytes = Math.min(SEQUENTIAL_READ_BYTES, memory.scratch.size);
	}

	/** Undefined where no value is lost. Looks at runs of entries from the last one backwards. */
	async run(): Promise<LostValue | undefined> {
		const most = entriesIn(this.#open, this.#runBytes);
		let end = this.#open.count;
		while (end > 0) {
			const { first, bytes } = await runBefore(this.#open, end, most);
			const within = bytes && this.#withinWindow(bytes);
			if (within !== undefined) {
				await this.#judge(end - this.#countOf(within), within);
			}
			if (within !== bytes) {
				break;
			}
			end = first;
		}
		return this.#lost;
	}

	/** The last of some consecutive entries, from the first on whose value ends within the window. */
	#withinWindow(entries: Uint8Array): Uint8Array {
		const { entrySize } = this.#open;
		this.#floor ??= this.#floorBy(entries);
		const isBefore = this.#floor === undefined || this.#floor < 0;
		const durable = isBefore
			? undefined
			: this.#open.lastWithin(entries, this.#floor ?? 0);
		return durable === undefined
			? entries
			: entries.subarray((durable.index + 1) * entrySize);
	}

	/** Entries of values past 2^53 bound nothing: they are lost. */
	#floorBy(entries: Uint8Array): number | undefined {
		const last = this.#open.lastWithin(entries, Number.MAX_SAFE_INTEGER);
		return last && last.offset + last.size - this.#window;
	}

	/** Looks for the first lost value of consecutive entries, of which the first is at `first`. */
	async #judge(first: number, entries: Uint8Array): Promise<void> {
		const count = this.#countOf(entries);
		const { entrySize } = this.#open;
		for (let index = 0; index < count; ) {
			const left = entries.subarray(index * entrySize);
			const whole = await this.#countWhole(left);
			if (whole === 0) {
				const why = this.#isThere(left) ? "value-damaged" : "value-missing";
				this.#lost = { position: first + index, why };
				return;
			}
			index += whole;
		}
	}

	/** How many entries from the first on have whole values; some of them at least, if there are. */
	async #countWhole(entries: Uint8Array): Promise<number> {
		const { offset, firstSize, sizes } = this.#open.runOf(entries);
		if (sizes.length > 1) {
			const count = await this.#values.countWhole({ offset, sizes });
			if (count > 0) {
				return count;
			}
		}
		// A failed read is thrown: it says nothing of a value.
		const isThere = this.#isThere(entries);
		const isWhole =
			isThere && (await this.#values.isWhole({ offset, size: firstSize }));
		return isWhole ? 1 : 0;
	}

	/** Whether the value of the first entry lies within the values. */
	#isThere(entries: Uint8Array): boolean {
		const first = entries.subarray(0, this.#open.entrySize);
		return this.#open.lastWithin(first, this.#values.size) !== undefined;
	}

	#countOf(entries: Uint8Array): number {
		return entries.length / this.#open.entrySize;
	}
}
