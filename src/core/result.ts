import type { CoreExports } from "./exports.ts";

/**
 * The only memory in which calls leave results, each until the next call that uses it. Its fields
 * are named in assembly/format.ts.
 */
export class ResultBlock {
	readonly address: number;
	readonly #buffer: ArrayBuffer;
	readonly #view: DataView;

	constructor({ memory, resultAddress }: CoreExports) {
		this.address = resultAddress() >>> 0;
		this.#buffer = memory.buffer;
		this.#view = new DataView(this.#buffer, this.address);
	}

	/** A number of 32 bits, unsigned. */
	field(offset: number): number {
		return this.#view.getUint32(offset, true);
	}

	/** A whole number up to 2^53. */
	wide(offset: number): number {
		return this.#view.getFloat64(offset, true);
	}

	/** A copy of its bytes. */
	copy(offset: number, length: number): Uint8Array {
		return new Uint8Array(this.#buffer, this.address + offset, length).slice();
	}
}
