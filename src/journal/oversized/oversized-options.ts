import { type Codec, checkCodec, type FixedCodec } from "../../codec/codec.ts";
import { checkEntry, type EntrySize } from "../../forms/entry-form.ts";
import type { ObserverOptions } from "../../host/observer.ts";
import type { PageOptions } from "../../paged/page-memory.ts";
import type { PlaceFields } from "./place-fields.ts";

/** Entries that are bytes. */
type PointingBytes = PlaceFields & EntrySize;

/**
 * Entries that point at values: bytes, or values of a fixed codec. The journal fills in the value's
 * place.
 */
export type PointingEntries =
	| PointingBytes
	| (PlaceFields & { readonly codec: FixedCodec<unknown> });

/** The codec or the size of pointing entries. */
export type PointingSize<E> = E extends { readonly codec: infer C } ? C : E;

export interface OversizedJournalOptions<
	Entry extends PointingEntries = PointingBytes,
	Value = Uint8Array,
> extends PageOptions,
		ObserverOptions {
	/** The partition of the entries. */
	readonly index: string;
	/** The partition of the values. */
	readonly values: string;
	/**
	 * An entry's size, and where in it the value's offset and size lie; or a codec that says both.
	 */
	readonly entry: Entry;
	/** The value codec; bytes without one. */
	readonly value?: Codec<Value>;
	/**
	 * Compresses each value to a zstd frame of level 1 to 22, or 0 for zstd's default, 3. Whether a
	 * partition is compressed is fixed.
	 */
	readonly compression?: number;
	/** The most bytes of a compressed value, before compression and when read: 16 MiB by default. */
	readonly maxValueSize?: number;
	/** Bytes of entries held back for each open section; 64 KiB by default. */
	readonly writeBuffer?: number;
	/** Bytes of values held back for each open section; 64 KiB by default. */
	readonly valueBuffer?: number;
	/**
	 * 'together', by default: a sync makes values and entries durable at once, and after a crash the
	 * next open checks every value that may not have been. 'ordered': values first, as always in a
	 * store without metadata; so no entry is ever found without its value, by any reader.
	 */
	readonly pairs?: "together" | "ordered";
}

export function sizeOfEntries(entry: PointingEntries): EntrySize {
	checkEntry(entry);
	if (!("codec" in entry)) {
		return entry;
	}
	checkCodec("entry.codec", entry.codec);
	return entry.codec;
}
