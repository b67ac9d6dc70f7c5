import { checkWhole } from "../../checks.ts";
import { frameSizeMax } from "../../compression/frame.ts";
import { StorageError } from "../../errors.ts";
import type { Form } from "../../forms/form.ts";

/** Where an item lies in its section. */
export interface ItemPlace {
	/** Where it begins: what `get` asks for. */
	readonly offset: number;
	/** Bytes of the item, without the length before it. */
	readonly size: number;
}

const ITEM_SIZE_DEFAULT = 16 * 1024 * 1024;
/** The largest length of 32 bits. */
const ITEM_SIZE_LIMIT = 2 ** 32 - 1;

/** The most bytes of an item. Throws TypeError and RangeError for an invalid number. */
export function itemSizeMax(asked = ITEM_SIZE_DEFAULT): number {
	checkWhole("an item's largest size", asked);
	if (asked > ITEM_SIZE_LIMIT) {
		throw new RangeError(
			`an item has at most ${ITEM_SIZE_LIMIT} bytes, not ${asked}`,
		);
	}
	return asked;
}

/** The most bytes of a compressed item. */
export function framedSizeMax(sizeMax: number): number {
	return Math.min(frameSizeMax(sizeMax), ITEM_SIZE_LIMIT);
}

/**
 * Bytes that an item takes. Throws TypeError and RangeError for an invalid item,
 * ERR_ITEM_TOO_LARGE.
 */
export function sizeOfItem<T>(form: Form<T>, item: T, sizeMax: number): number {
	const size = form.sizeOf(item);
	if (size > sizeMax) {
		throw itemTooLarge(size, sizeMax);
	}
	return size;
}

export function itemTooLarge(size: number, sizeMax: number): StorageError {
	return new StorageError(
		"ERR_ITEM_TOO_LARGE",
		`item too large: size=${size}, and maxItemSize is ${sizeMax}`,
		{ expected: sizeMax, found: size },
	);
}

/** An item's bytes. Throws as sizeOfItem. */
export function bytesOfItem<T>(
	form: Form<T>,
	item: T,
	sizeMax: number,
): Uint8Array {
	sizeOfItem(form, item, sizeMax);
	return form.bytesOf(item);
}
