import { type ErrorPlace, StorageError } from "../errors.ts";

/**
 * Reads values from bytes, one behind the other. Every method throws ERR_CODEC if the bytes end, or
 * are no such value.
 */
export class Reader {
	readonly #bytes: Uint8Array;
	readonly #view: DataView;
	#at = 0;

	constructor(bytes: Uint8Array) {
		this.#bytes = bytes;
		this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	}

	/** How many bytes were read. */
	get offset(): number {
		return this.#at;
	}

	/** Bytes that are not read yet. */
	get remaining(): number {
		return this.#bytes.length - this.#at;
	}

	/** An ERR_CODEC to throw: `what` is wrong at byte `offset`, by default the next. */
	invalid(
		what: string,
		{ expected, found }: Pick<ErrorPlace, "expected" | "found"> = {},
		offset = this.#at,
	): StorageError {
		const wanted = expected === undefined ? "" : `, expected ${expected}`;
		const got = found === undefined ? "" : `, found ${found}`;
		return new StorageError(
			"ERR_CODEC",
			`${what} at byte ${offset}${wanted}${got}`,
			{
				offset,
				...(expected !== undefined && { expected }),
				...(found !== undefined && { found }),
			},
		);
	}

	/** 1 byte. */
	u8(): number {
		return this.#view.getUint8(this.#advance(1));
	}

	/** 2 bytes, big-endian. */
	u16(): number {
		return this.#view.getUint16(this.#advance(2));
	}

	/** 4 bytes, big-endian. */
	u32(): number {
		return this.#view.getUint32(this.#advance(4));
	}

	/** 8 bytes, big-endian. */
	u64(): bigint {
		return this.#view.getBigUint64(this.#advance(8));
	}

	/** 1 byte, two's complement. */
	i8(): number {
		return this.#view.getInt8(this.#advance(1));
	}

	/** 2 bytes, big-endian, two's complement. */
	i16(): number {
		return this.#view.getInt16(this.#advance(2));
	}

	/** 4 bytes, big-endian, two's complement. */
	i32(): number {
		return this.#view.getInt32(this.#advance(4));
	}

	/** 8 bytes, big-endian, two's complement. */
	i64(): bigint {
		return this.#view.getBigInt64(this.#advance(8));
	}

	/** 4 bytes, big-endian, IEEE 754. */
	f32(): number {
		return this.#view.getFloat32(this.#advance(4));
	}

	/** 8 bytes, big-endian, IEEE 754. */
	f64(): number {
		return this.#view.getFloat64(this.#advance(8));
	}

	/** 1 byte: 0 or 1. Throws ERR_CODEC for any other. */
	bool(): boolean {
		const at = this.#at;
		const byte = this.u8();
		if (byte > 1) {
			throw this.invalid(
				"invalid bool",
				{ expected: "0 or 1", found: byte },
				at,
			);
		}
		return byte === 1;
	}

	/** A varint of 16 or 32 bits, in its only encoding. */
	uvarint(bits: 16 | 32): number {
		let value = 0;
		for (let shift = 0; ; shift += 7) {
			const byte = this.#varintByte(shift, bits);
			value |= (byte & 0x7f) << shift;
			if (byte < 0x80) {
				return value >>> 0;
			}
		}
	}

	/** A varint of 64 bits, 1 to 10 bytes. Throws ERR_CODEC for a longer or a wider encoding. */
	uvarint64(): bigint {
		let low = 0;
		let high = 0;
		for (let shift = 0; ; shift += 7) {
			const byte = this.#varintByte(shift, 64);
			const group = byte & 0x7f;
			// A number holds seven groups exactly.
			if (shift < 49) {
				low += group * 2 ** shift;
			} else {
				high += group * 2 ** (shift - 49);
			}
			if (byte < 0x80) {
				return high === 0 ? BigInt(low) : (BigInt(high) << 49n) + BigInt(low);
			}
		}
	}

	/** A view of the next bytes. */
	bytes(length: number): Uint8Array {
		const at = this.#advance(length);
		return this.#bytes.subarray(at, at + length);
	}

	/**
	 * The next byte of a varint. A last byte of 0 must be the only one, and no byte has bits beyond
	 * the type.
	 */
	#varintByte(shift: number, bits: number): number {
		const at = this.#at;
		const byte = this.u8();
		const isPadding = byte === 0 && shift > 0;
		const isBeyond = bits - shift < 8 && byte >>> (bits - shift) !== 0;
		if (isPadding || isBeyond) {
			throw this.invalid(
				"invalid varint",
				{ expected: `the shortest of ${bits} bits`, found: byte },
				at,
			);
		}
		return byte;
	}

	#advance(count: number): number {
		const at = this.#at;
		if (at + count > this.#bytes.length) {
			throw this.invalid("end of buffer", {
				expected: count,
				found: this.remaining,
			});
		}
		this.#at = at + count;
		return at;
	}
}
