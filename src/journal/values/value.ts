import { VALUE_CRC_SIZE } from "../../../assembly/format.ts";
import { checkList, checkRange, checkWhole, kindOf } from "../../checks.ts";
import type { ValueVerdict } from "../../core/answers.ts";
import { StorageError } from "../../errors.ts";
import type { Form } from "../../forms/form.ts";
import type { StoreContext } from "../../storage/context.ts";

/** Where a value lies in its section. */
export interface ValuePlace {
	/** Bytes from the start of the section. */
	readonly offset: number;
	/** Bytes of the value, with 4 of its checksum. */
	readonly size: number;
}

/** Copies of places. Throws TypeError, RangeError and ERR_OFFSET_OVERFLOW for what are none. */
export function checkedPlaces(places: readonly ValuePlace[]): ValuePlace[] {
	checkList("places", places);
	// An index without a place is undefined for 'from', and skipped by 'map'.
	return Array.from(places, (place: ValuePlace | undefined) => {
		if (typeof place !== "object" || place === null) {
			throw new TypeError(`a place is an object, not ${kindOf(place)}`);
		}
		const { offset, size } = place;
		checkRange(offset, size);
		return { offset, size };
	});
}

/** With its checksum. */
export const VALUE_SIZE_MAX = 2 ** 32 - 1;
const CONTENT_SIZE_DEFAULT = 16 * 1024 * 1024;
/** How many bytes of a value are copied into linear memory at a time to be checksummed. */
const CHECKSUMMED_BYTES = 16 * 1024;

/**
 * The most bytes of a value before compression. Throws TypeError and RangeError for an invalid
 * number.
 */
export function valueSizeMax(
	asked: number | undefined,
	compression: number | undefined,
): number {
	if (asked !== undefined && compression === undefined) {
		throw new RangeError("maxValueSize is that of compressed values alone");
	}
	const sizeMax = asked ?? CONTENT_SIZE_DEFAULT;
	checkWhole("a value's largest size", sizeMax);
	return Math.min(sizeMax, VALUE_SIZE_MAX);
}

export function valueTooLarge(size: number, sizeMax: number): StorageError {
	return new StorageError(
		"ERR_VALUE_TOO_LARGE",
		`value too large: ${size} bytes, and maxValueSize is ${sizeMax}`,
		{ expected: sizeMax, found: size },
	);
}

/**
 * A value's bytes, `sizeMax` at most with its checksum. Throws TypeError and RangeError for what is
 * no value, ERR_VALUE_TOO_LARGE.
 */
export function bytesOfValue<T>(
	form: Form<T>,
	value: T,
	sizeMax = VALUE_SIZE_MAX,
): Uint8Array {
	refuseLarger(form.sizeOf(value) + VALUE_CRC_SIZE, sizeMax);
	return form.bytesOf(value);
}

/** Throws ERR_VALUE_TOO_LARGE for a value that has more bytes, with its checksum, than that. */
export function refuseLarger(size: number, sizeMax: number): void {
	if (size > sizeMax) {
		const most = sizeMax === VALUE_SIZE_MAX ? "u32::MAX" : String(sizeMax);
		const found = size - VALUE_CRC_SIZE;
		throw new StorageError(
			"ERR_VALUE_TOO_LARGE",
			`value too large (> ${most}): ${found} bytes and a checksum`,
			{ expected: sizeMax - VALUE_CRC_SIZE, found },
		);
	}
}

/** Whether a value, with its checksum behind it, is whole. */
export function isWholeValue(
	storage: StoreContext,
	bytes: Uint8Array,
): boolean {
	const { core, memory } = storage;
	if (bytes.length > checksummedBytes(storage)) {
		return new ValueCheck(storage).end(bytes).isWhole;
	}
	return memory.scratch.use(bytes.length, (address) => {
		core.write(address, bytes);
		return core.records.isWholeValue(address, bytes.length);
	});
}

function checksummedBytes({ memory }: StoreContext): number {
	return Math.min(CHECKSUMMED_BYTES, memory.scratch.size);
}

/**
 * Checks a value that is read in pieces. Each is copied through a small part of linear memory,
 * which is not held in between. So a value of any size can be checked at any time.
 */
export class ValueCheck {
	readonly #storage: StoreContext;
	#crc = 0;

	constructor(storage: StoreContext) {
		this.#storage = storage;
	}

	/** Takes a piece that is not the last one. */
	add(bytes: Uint8Array): void {
		this.#inMemory(bytes, (address, length) => {
			this.#crc = this.#storage.core.checksums.crc32c(
				address,
				length,
				this.#crc,
			);
		});
	}

	/** Takes the last piece, the checksum included, whole. */
	end(bytes: Uint8Array): ValueVerdict {
		const rest = Math.max(0, bytes.length - checksummedBytes(this.#storage));
		this.add(bytes.subarray(0, rest));
		let verdict: ValueVerdict | undefined;
		this.#inMemory(bytes.subarray(rest), (address, length) => {
			verdict = this.#storage.core.records.checkValue(
				address,
				length,
				this.#crc,
			);
		});
		if (verdict === undefined) {
			throw new RangeError("a value ends with its checksum");
		}
		return verdict;
	}

	#inMemory(
		bytes: Uint8Array,
		use: (address: number, length: number) => void,
	): void {
		const { core, memory } = this.#storage;
		const size = checksummedBytes(this.#storage);
		memory.scratch.use(size, (address) => {
			for (let at = 0; at < bytes.length; at += size) {
				const piece = bytes.subarray(at, at + size);
				core.write(address, piece);
				use(address, piece.length);
			}
		});
	}
}
