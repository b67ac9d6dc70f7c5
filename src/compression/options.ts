import type { Codec } from "../codec/codec.ts";
import type { StorageError } from "../errors.ts";
import { CompressedForm } from "../forms/compressed-form.ts";
import { type Form, formOf } from "../forms/form.ts";
import type { StoreContext } from "../storage/context.ts";
import { checkLevel, loadZstd, zstdLevel } from "./zstd.ts";

/** What the values of a partition are, and how they lie in it. */
export interface PackedValues {
	readonly partition: string;
	readonly codec: Codec<unknown> | undefined;
	/** A level of zstd; undefined for uncompressed values. */
	readonly compression: number | undefined;
	/** The most bytes of a value before compression. */
	readonly sizeMax: number;
	readonly tooLarge: (size: number, sizeMax: number) => StorageError;
	/** Whether only the value's bytes lie at its offset. */
	readonly isBare: boolean;
}

/**
 * The part in dualslot.json: the level may change. Throws TypeError and RangeError for an invalid
 * level.
 */
export function compressionConfig(level: number | undefined): {
	readonly compression?: "zstd";
} {
	if (level === undefined) {
		return {};
	}
	checkLevel(level);
	return { compression: "zstd" };
}

/** The form of values that may be compressed. Throws ERR_ZSTD_MISSING. */
export async function packedForm(
	{ host }: StoreContext,
	values: PackedValues,
): Promise<Form<unknown>> {
	const { partition, codec, compression, sizeMax } = values;
	if (compression === undefined) {
		return formOf(codec, partition, values.isBare);
	}
	const level = zstdLevel(compression);
	return new CompressedForm(formOf(codec, partition, false), {
		zstd: await loadZstd(host),
		level,
		sizeMax,
		partition,
		tooLarge: (size) => values.tooLarge(size, sizeMax),
	});
}
