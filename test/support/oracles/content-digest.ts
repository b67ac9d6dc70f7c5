import { joined, toHex } from "../runs/bytes.ts";
import { sha256 } from "./sha256.ts";

/**
 * One hash for a store's contents: SHA-256 over each record in order. A record is its section and
 * its place in 8 bytes each, then each field after its length in 4, all big-endian.
 */
export class ContentDigest {
	readonly #parts: Uint8Array[] = [];
	#records = 0;

	add(section: bigint, place: number, ...fields: readonly Uint8Array[]): void {
		const head = new DataView(new ArrayBuffer(16));
		head.setBigUint64(0, section);
		head.setBigUint64(8, BigInt(place));
		this.#parts.push(new Uint8Array(head.buffer));
		for (const field of fields) {
			const length = new DataView(new ArrayBuffer(4));
			length.setUint32(0, field.length);
			this.#parts.push(new Uint8Array(length.buffer), field);
		}
		this.#records += 1;
	}

	/** The number of records, and their hash. */
	async answer(): Promise<string> {
		return `${this.#records} ${toHex(await sha256(joined(...this.#parts)))}`;
	}
}
