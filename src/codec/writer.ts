import { checkBytes, kindOf } from "../checks.ts";
import { checkFloat, checkInteger, checkInteger64 } from "./ranges.ts";
import { utf8Length } from "./utf8.ts";

/** The half of a codec that writes. */
interface ValueWriter<T> {
	write(value: T, writer: Writer): void;
}

const UTF8 = new TextEncoder();

/**
 * Writes big-endian numbers and bytes, one behind the other, in place: in the write buffer of a
 * journal, in linear memory. Every method throws TypeError or RangeError for an invalid value, and
 * RangeError when the codec writes more bytes than its `sizeOf` said.
 */
export class Writer {
	readonly #bytes: Uint8Array;
	readonly #view: DataView;
	#at = 0;
	#end = 0;
	#isWriting = false;

	/** @internal Writes into these bytes, where `fill` says. */
	constructor(bytes: Uint8Array) {
		this.#bytes = bytes;
		this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	}

	/**
	 * @internal Has a codec write exactly `length` bytes from `start` on. When that throws, zeros are
	 * left there.
	 */
	fill<T>(
		start: number,
		length: number,
		codec: ValueWriter<T>,
		value: T,
	): void {
		if (this.#isWriting) {
			throw new TypeError("a codec appends nothing while it writes a value");
		}
		this.#isWriting = true;
		this.#at = start;
		this.#end = start + length;
		try {
			codec.write(value, this);
			if (this.#at !== this.#end) {
				throw new RangeError(
					`a codec wrote ${this.#at - start} bytes of a value that it gave ${length}`,
				);
			}
		} catch (error) {
			this.#bytes.fill(0, start, start + length);
			throw error;
		} finally {
			this.#isWriting = false;
			this.#at = 0;
			this.#end = 0;
		}
	}

	/** 1 byte. */
	u8(value: number): void {
		checkInteger(value, 0, 0xff);
		this.#bytes[this.#advance(1)] = value;
	}

	/** 2 bytes, big-endian. */
	u16(value: number): void {
		checkInteger(value, 0, 0xffff);
		this.#view.setUint16(this.#advance(2), value);
	}

	/** 4 bytes, big-endian. */
	u32(value: number): void {
		checkInteger(value, 0, 0xffff_ffff);
		this.#view.setUint32(this.#advance(4), value);
	}

	/** 8 bytes, big-endian. */
	u64(value: bigint): void {
		checkInteger64(value, false);
		this.#view.setBigUint64(this.#advance(8), value);
	}

	/** 1 byte, two's complement. */
	i8(value: number): void {
		checkInteger(value, -0x80, 0x7f);
		this.#view.setInt8(this.#advance(1), value);
	}

	/** 2 bytes, big-endian, two's complement. */
	i16(value: number): void {
		checkInteger(value, -0x8000, 0x7fff);
		this.#view.setInt16(this.#advance(2), value);
	}

	/** 4 bytes, big-endian, two's complement. */
	i32(value: number): void {
		checkInteger(value, -0x8000_0000, 0x7fff_ffff);
		this.#view.setInt32(this.#advance(4), value);
	}

	/** 8 bytes, big-endian, two's complement. */
	i64(value: bigint): void {
		checkInteger64(value, true);
		this.#view.setBigInt64(this.#advance(8), value);
	}

	/** Rounds to four bytes. Throws RangeError for a finite number beyond their range. */
	f32(value: number): void {
		checkFloat(value);
		if (Number.isFinite(value) && !Number.isFinite(Math.fround(value))) {
			throw new RangeError(`${value} is too large for four bytes`);
		}
		this.#view.setFloat32(this.#advance(4), value);
	}

	/** 8 bytes, big-endian, IEEE 754. */
	f64(value: number): void {
		checkFloat(value);
		this.#view.setFloat64(this.#advance(8), value);
	}

	/** 1 byte: 0 or 1. */
	bool(value: boolean): void {
		if (typeof value !== "boolean") {
			throw new TypeError(`a bool is true or false, not ${kindOf(value)}`);
		}
		this.#bytes[this.#advance(1)] = value ? 1 : 0;
	}

	/** Up to 2^32 - 1: seven bits a byte, the lowest first. */
	uvarint(value: number): void {
		checkInteger(value, 0, 0xffff_ffff);
		let rest = value;
		while (rest > 0x7f) {
			this.#bytes[this.#advance(1)] = (rest & 0x7f) | 0x80;
			rest >>>= 7;
		}
		this.#bytes[this.#advance(1)] = rest;
	}

	/** A varint of 64 bits, 1 to 10 bytes. */
	uvarint64(value: bigint): void {
		checkInteger64(value, false);
		let rest = value;
		while (rest > 0xffff_ffffn) {
			this.#bytes[this.#advance(1)] = Number(rest & 0x7fn) | 0x80;
			rest >>= 7n;
		}
		this.uvarint(Number(rest));
	}

	/** The bytes, without their length. */
	bytes(value: Uint8Array): void {
		checkBytes(value);
		this.#bytes.set(value, this.#advance(value.length));
	}

	/** UTF-8, without its length. Throws RangeError for half of a surrogate pair. */
	utf8(text: string): void {
		const length = utf8Length(text);
		const at = this.#advance(length);
		UTF8.encodeInto(text, this.#bytes.subarray(at, at + length));
	}

	/** Where the next `count` bytes go. */
	#advance(count: number): number {
		const at = this.#at;
		if (at + count > this.#end) {
			throw new RangeError("a codec wrote more bytes than it gave the value");
		}
		this.#at = at + count;
		return at;
	}
}
