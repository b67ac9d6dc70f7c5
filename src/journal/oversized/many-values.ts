import { READ_DEPTH } from "../../paged/reader.ts";
import { fanOut, NOTHING } from "../../turns/fan-out.ts";
import { Pace } from "../../turns/pace.ts";
import type { ValuePlace } from "../values/value.ts";
import { type RunLimits, runsOf, type ValueRun } from "../values/value-runs.ts";

/** The section that many values are read from. */
interface ValueSource {
	tryGetHeldValue(offset: number, size: number): Uint8Array | undefined;
	getRun(run: ValueRun): Promise<Uint8Array[]>;
	getValue(offset: number, size: number): Promise<Uint8Array>;
}

/** Places of values that lie one behind the other, and where their values go. */
interface MissingRun {
	readonly index: number;
	readonly places: readonly ValuePlace[];
}

/** Reads many values: a run at once, and some runs together. */
export class ManyValues {
	readonly #source: ValueSource;
	readonly #limits: RunLimits;

	constructor(source: ValueSource, limits: RunLimits) {
		this.#source = source;
		this.#limits = limits;
	}

	/** The values at places, in their order. Throws the first failure. */
	async read(places: readonly ValuePlace[]): Promise<Uint8Array[]> {
		const pace = new Pace();
		const values = new Array<Uint8Array>(places.length);
		const missing: MissingRun[] = [];
		let index = 0;
		for (const run of runsOf(places, this.#limits)) {
			const [first] = run;
			const value =
				run.length === 1 && first !== undefined
					? this.#source.tryGetHeldValue(first.offset, first.size)
					: undefined;
			if (value === undefined) {
				missing.push({ index, places: run });
			} else {
				values[index] = value;
			}
			index += run.length;
			const turn = pace.step();
			if (turn !== undefined) {
				await turn;
			}
		}
		await fanOut(missing, READ_DEPTH, async (run) => {
			await this.#readRun(run, values);
			return NOTHING;
		});
		return values;
	}

	/** A value that does not come with the others is read alone: that tells what is wrong. */
	async #readRun(
		{ index, places }: MissingRun,
		values: Uint8Array[],
	): Promise<void> {
		for (let done = 0; done < places.length; ) {
			const left = places.slice(done);
			const found = left.length > 1 ? await this.#whole(left) : [];
			if (found.length === 0) {
				found.push(await this.#alone(left));
			}
			for (const value of found) {
				values[index + done] = value;
				done += 1;
			}
		}
	}

	async #whole(places: readonly ValuePlace[]): Promise<Uint8Array[]> {
		const offset = places[0]?.offset ?? 0;
		const sizes = Uint32Array.from(places, ({ size }) => size);
		return this.#source.getRun({ offset, sizes });
	}

	async #alone([place]: readonly ValuePlace[]): Promise<Uint8Array> {
		const { offset = 0, size = 0 } = place ?? {};
		return this.#source.getValue(offset, size);
	}
}
