import {
	VALUE_FIELD_WIDTH_MAX,
	VALUE_OFFSET_WIDTH,
	VALUE_SIZE_WIDTH,
} from "../../../assembly/format.ts";
import { checkWhole } from "../../checks.ts";
import type { ValueFields } from "../../core/answers.ts";
import { StorageError } from "../../errors.ts";
import { placeOf } from "../../storage/blob-place.ts";
import { blobPath, type NamedBlob } from "../../storage/names.ts";
import {
	isPointing,
	type PointingEntry,
} from "../../storage/own-files/partition-config.ts";
import {
	refuseLarger,
	VALUE_SIZE_MAX,
	type ValuePlace,
} from "../values/value.ts";

/** Where in an entry its value's place lies, in either order, and how wide: big-endian both. */
export interface PlaceFields {
	/** Where the value's offset begins. */
	readonly offsetAt: number;
	/** Bytes of the value's offset, 1 to 8; 8 by default. */
	readonly offsetWidth?: number;
	/** Where the value's size begins, its checksum included. */
	readonly sizeAt: number;
	/** Bytes of the value's size, 1 to 8; 4 by default. */
	readonly sizeWidth?: number;
}

/** Throws RangeError and TypeError unless both fields lie in an entry of `size` bytes, apart. */
export function checkedFields(size: number, entry: PlaceFields): ValueFields {
	const { offsetAt, offsetWidth = VALUE_OFFSET_WIDTH } = entry;
	const { sizeAt, sizeWidth = VALUE_SIZE_WIDTH } = entry;
	checkWhole("the place of a value's offset", offsetAt);
	checkWhole("the place of a value's size", sizeAt);
	checkWidth("the width of a value's offset", offsetWidth);
	checkWidth("the width of a value's size", sizeWidth);
	const fields = { offsetAt, offsetWidth, sizeAt, sizeWidth };
	if (!isPointing({ size, ...fields })) {
		throw new RangeError(
			`an entry of ${size} bytes has no room for an offset of ${offsetWidth} bytes at ${offsetAt} and a size of ${sizeWidth} at ${sizeAt}`,
		);
	}
	return fields;
}

/** What dualslot.json says of such entries. */
export function configOf(size: number, fields: ValueFields): PointingEntry {
	const { offsetAt, offsetWidth, sizeAt, sizeWidth } = fields;
	return {
		size,
		offsetAt,
		sizeAt,
		...(offsetWidth !== VALUE_OFFSET_WIDTH && { offsetWidth }),
		...(sizeWidth !== VALUE_SIZE_WIDTH && { sizeWidth }),
	};
}

/** The bytes that a value may have with its checksum, for an entry to say so. */
export function pointedSizeMax({ sizeWidth }: ValueFields): number {
	return Math.min(largestOf(sizeWidth), VALUE_SIZE_MAX);
}

/**
 * Throws ERR_VALUE_TOO_LARGE and ERR_OFFSET_OVERFLOW for a place that the fields of an entry of
 * `blob` cannot hold.
 */
export function refuseUnlessHeld(
	fields: ValueFields,
	{ offset, size }: ValuePlace,
	blob: NamedBlob,
): void {
	refuseLarger(size, pointedSizeMax(fields));
	const expected = largestOf(fields.offsetWidth);
	if (offset > expected) {
		throw new StorageError(
			"ERR_OFFSET_OVERFLOW",
			`offset overflow: a value at ${offset}, and the offsets of ${blobPath(blob)} have ${fields.offsetWidth} bytes`,
			{ ...placeOf(blob), expected, found: offset },
		);
	}
}

/** The largest number of so many bytes which is a safe integer. */
function largestOf(width: number): number {
	return Math.min(2 ** (8 * width) - 1, Number.MAX_SAFE_INTEGER);
}

function checkWidth(what: string, width: number): void {
	checkWhole(what, width);
	if (width < 1 || width > VALUE_FIELD_WIDTH_MAX) {
		throw new RangeError(
			`${what} is 1 to ${VALUE_FIELD_WIDTH_MAX} bytes, not ${width}`,
		);
	}
}
