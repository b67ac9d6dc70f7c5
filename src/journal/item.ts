import { checkBytes, checkWhole } from "../arguments.ts";
import { StorageError } from "../errors.ts";

/** Where an item lies in its section. */
export interface ItemPlace {
	/** Where it begins: what `get` asks for. */
	readonly offset: number;
	/** Bytes of the item, the length before it not counted. */
	readonly size: number;
}

const ITEM_SIZE_DEFAULT = 16 * 1024 * 1024;
/** What a length of 32 bits can say. */
const ITEM_SIZE_LIMIT = 2 ** 32 - 1;

/** The bytes that an item may have. Throws TypeError and RangeError for what is no such number. */
export function itemSizeMax(asked = ITEM_SIZE_DEFAULT): number {
	checkWhole("an item's largest size", asked);
	if (asked > ITEM_SIZE_LIMIT) {
		throw new RangeError(
			`an item has at most ${ITEM_SIZE_LIMIT} bytes, not ${asked}`,
		);
	}
	return asked;
}

/** Throws TypeError for what is no item, ERR_ITEM_TOO_LARGE. */
export function checkItem(item: Uint8Array, sizeMax: number): void {
	checkBytes(item);
	if (item.length > sizeMax) {
		throw new StorageError(
			"ERR_ITEM_TOO_LARGE",
			`item too large: size=${item.length}, and maxItemSize is ${sizeMax}`,
			{ expected: sizeMax, found: item.length },
		);
	}
}
