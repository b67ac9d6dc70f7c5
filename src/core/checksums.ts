import type { CoreExports } from "./exports.ts";

/** The calls of assembly/crc/, part of `Core`. */
export class Checksums {
	readonly #calls: CoreExports;

	constructor(calls: CoreExports) {
		this.#calls = calls;
	}

	/** CRC-32C, unsigned, for pages and records. `crc` is that of the bytes before. */
	crc32c(address: number, length: number, crc = 0): number {
		return this.#calls.crc32c(address, length, crc) >>> 0;
	}

	/** CRC-32/ISO-HDLC, zlib's, unsigned, for the packed store. */
	crc32(address: number, length: number, crc = 0): number {
		return this.#calls.crc32(address, length, crc) >>> 0;
	}
}
