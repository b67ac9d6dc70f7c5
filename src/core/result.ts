import type { CoreExports } from "./exports.ts";

/**
 * The only memory in which calls leave results, each until the next call that uses it. Its fields
 * are named in assembly/format.ts.
 */
export class ResultBlock {
	readonly address: number;
	/** A view that is kept: it never leaves this class. */
	readonly #bytes: Uint8Array;
	readonly #view: DataView;

	constructor({ memory, resultAddress }: CoreExports) {
		this.address = resultAddress() >>> 0;
		this.#bytes = new Uint8Array(memory.buffer, this.address);
		this.#view = new DataView(memory.buffer, this.address);
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
		return this.#bytes.slice(offset, offset + length);
	}
}
