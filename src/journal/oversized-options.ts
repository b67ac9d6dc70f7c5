import { VALUE_OFFSET_WIDTH, VALUE_SIZE_WIDTH } from "../../assembly/format.ts";
import { checkWhole } from "../arguments.ts";
import type { PageCache } from "../page-cache.ts";

export interface OversizedJournalOptions {
	/** The partition of the entries. */
	readonly index: string;
	/** The partition of the values. */
	readonly values: string;
	/** Of the same storage; its page size is that of the entries. */
	readonly cache: PageCache;
	readonly entry: {
		/** Bytes of each entry, from 12 to what a write buffer can hold: 2 MiB, or less with pages of a few bytes. */
		readonly size: number;
		/** Where in an entry its value's offset lies: 8 bytes, big-endian. */
		readonly offsetAt: number;
		/** Where in an entry its value's size, the checksum included, lies: 4 bytes, big-endian. */
		readonly sizeAt: number;
	};
	/** Bytes of entries held back for each open section; 64 KiB by default. */
	readonly writeBuffer?: number;
	/** Bytes of values held back for each open section; 64 KiB by default. */
	readonly valueBuffer?: number;
}

/** Throws RangeError and TypeError unless both fields lie in the entry, apart. */
export function checkFields({
	size,
	offsetAt,
	sizeAt,
}: OversizedJournalOptions["entry"]): void {
	checkWhole("the place of a value's offset", offsetAt);
	checkWhole("the place of a value's size", sizeAt);
	const fits =
		offsetAt + VALUE_OFFSET_WIDTH <= size && sizeAt + VALUE_SIZE_WIDTH <= size;
	const isApart =
		offsetAt + VALUE_OFFSET_WIDTH <= sizeAt ||
		sizeAt + VALUE_SIZE_WIDTH <= offsetAt;
	if (!fits || !isApart) {
		throw new RangeError(
			`an entry of ${size} bytes has no room for an offset at ${offsetAt} and a size at ${sizeAt}`,
		);
	}
}
