import * as format from "../../assembly/format.ts";
import {
	FRAME_STOPS,
	type FrameRun,
	nameOf,
	type PointedRun,
	type PointingEntry,
	type ValueFields,
	type ValueVerdict,
	type VarintVerdict,
} from "./answers.ts";
import type { CoreExports } from "./exports.ts";
import type { ResultBlock } from "./result.ts";

/** The calls of assembly/record/, part of `Core`: for values, entries and frames. */
export class Records {
	readonly #calls: CoreExports;
	readonly #result: ResultBlock;
	/** Never leaves this class. */
	readonly #whole: Uint8Array;

	constructor(calls: CoreExports, result: ResultBlock) {
		this.#calls = calls;
		this.#result = result;
		this.#whole = new Uint8Array(calls.memory.buffer);
	}

	/** Puts a value's checksum behind its last piece; `crc` is that of the pieces before. */
	sealValue(address: number, length: number, crc = 0): void {
		this.#calls.sealValue(address, length, crc);
	}

	/** Whether the value in `length` bytes, its checksum behind it included, is whole. */
	isWholeValue(address: number, length: number): boolean {
		return this.#calls.checkValue(address, length, 0) !== 0;
	}

	/**
	 * Judges a value by its last piece, whose last four bytes are the checksum; `crc` is that of the
	 * pieces before.
	 */
	checkValue(address: number, length: number, crc = 0): ValueVerdict {
		const isWhole = this.#calls.checkValue(address, length, crc) !== 0;
		return {
			isWhole,
			stored: this.#result.field(format.VALUE_STORED),
			computed: this.#result.field(format.VALUE_COMPUTED),
		};
	}

	/**
	 * How many of the values that lie one behind the other in `length` bytes are whole, from the
	 * first on. Their sizes, checksums included, are copied to `table`.
	 */
	countWholeValues(
		address: number,
		length: number,
		sizes: Uint32Array,
		table: number,
	): number {
		new Uint32Array(this.#whole.buffer, table, sizes.length).set(sizes);
		return this.#calls.countWholeValues(address, length, table, sizes.length);
	}

	/** Has an entry say where its value lies, which its fields can hold. */
	putPlace(
		entry: Uint8Array,
		{ offsetAt, offsetWidth, sizeAt, sizeWidth }: ValueFields,
		offset: number,
		size: number,
	): void {
		this.#calls.encodePlace(offset, size);
		this.#putField(entry, offsetAt, offsetWidth, format.PLACE_OFFSET_BYTES);
		this.#putField(entry, sizeAt, sizeWidth, format.PLACE_SIZE_BYTES);
	}

	/**
	 * The last of `count` entries whose value ends at `limit` or before; undefined if there is none.
	 */
	lastEntryWithin(
		address: number,
		count: number,
		entrySize: number,
		{ offsetAt, offsetWidth, sizeAt, sizeWidth }: ValueFields,
		limit: number,
	): PointingEntry | undefined {
		const index = this.#calls.lastEntryWithin(
			address,
			count,
			entrySize,
			offsetAt,
			offsetWidth,
			sizeAt,
			sizeWidth,
			limit,
		);
		if (index < 0) {
			return undefined;
		}
		const offset = this.#result.wide(format.ENTRY_VALUE_OFFSET);
		return { index, offset, size: this.#result.wide(format.ENTRY_VALUE_SIZE) };
	}

	/**
	 * The values of `count` entries, as many from the first on as lie one behind the other in `most`
	 * bytes. Their sizes go to `table`, and are copied from there.
	 */
	scanValueRun(
		address: number,
		count: number,
		entrySize: number,
		{ offsetAt, offsetWidth, sizeAt, sizeWidth }: ValueFields,
		most: number,
		table: number,
	): PointedRun {
		const length = this.#calls.scanValueRun(
			address,
			count,
			entrySize,
			offsetAt,
			offsetWidth,
			sizeAt,
			sizeWidth,
			most,
			table,
		);
		return {
			offset: this.#result.wide(format.ENTRY_VALUE_OFFSET),
			firstSize: this.#result.wide(format.ENTRY_VALUE_SIZE),
			sizes: new Uint32Array(this.#whole.buffer, table, length).slice(),
		};
	}

	/** Writes a number below 2^32 as a varint, and returns how many bytes it takes. */
	encodeVarint(address: number, value: number): number {
		return this.#calls.encodeVarint(address, value);
	}

	/** The bytes of a number below 2^32 as a varint. */
	varint(value: number): Uint8Array {
		const width = this.encodeVarint(this.#varint, value);
		return this.#result.copy(format.VARINT_BYTES, width);
	}

	/** Judges the varint at the start of bytes. */
	decodeVarint(bytes: Uint8Array): VarintVerdict {
		const count = Math.min(bytes.length, format.VARINT_WIDTH_MAX);
		for (let at = 0; at < count; at += 1) {
			this.#whole[this.#varint + at] = bytes[at] ?? 0;
		}
		const status = this.#calls.decodeVarint(this.#varint, count);
		if (status !== format.VARINT_OK) {
			return { status: status === format.VARINT_SHORT ? "short" : "invalid" };
		}
		const value = this.#result.field(format.VARINT_VALUE);
		return {
			status: "ok",
			value,
			width: this.#result.field(format.VARINT_WIDTH),
		};
	}

	/**
	 * Finds the whole frames at the start of `length` bytes, up to `capacity`; a payload has at most
	 * `sizeMax` bytes. Their places go to `table`, 8 bytes each, and are copied from there.
	 */
	scanFrames(
		address: number,
		length: number,
		sizeMax: number,
		table: number,
		capacity: number,
	): FrameRun {
		const count = this.#calls.scanFrames(
			address,
			length,
			sizeMax,
			table,
			capacity,
		);
		const size = this.#result.field(format.SCANNED_SIZE);
		return {
			places: new Uint32Array(this.#whole.buffer, table, 2 * count).slice(),
			end: this.#result.field(format.SCANNED_END),
			stop: nameOf(FRAME_STOPS, this.#result.field(format.SCANNED_STOP)),
			next: { width: this.#result.field(format.SCANNED_WIDTH), size },
		};
	}

	/** Puts the last bytes of an encoded number to `at`, as many as `width` says. */
	#putField(
		entry: Uint8Array,
		at: number,
		width: number,
		encoded: number,
	): void {
		const end = this.#result.address + encoded + format.VALUE_FIELD_WIDTH_MAX;
		const start = end - width;
		for (let index = 0; index < width; index += 1) {
			entry[at + index] = this.#whole[start + index] ?? 0;
		}
	}

	get #varint(): number {
		return this.#result.address + format.VARINT_BYTES;
	}
}
