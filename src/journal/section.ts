import { kindOf } from "../checks.ts";
import { isStorageError, StorageError } from "../errors.ts";

/**
 * A section's number: a whole number from 0 to 2^64 - 1. A plain number goes up to 2^53 - 1;
 * results are bigints.
 */
export type Section = bigint | number;

const SECTION_MAX = 2n ** 64n - 1n;
const NAME_SIZE = 8;

/** Throws TypeError for no number, RangeError unless it is a whole number from 0 to 2^64 - 1. */
export function sectionNumber(section: Section): bigint {
	if (typeof section === "number" && Number.isSafeInteger(section)) {
		return sectionNumber(BigInt(section));
	}
	if (typeof section !== "bigint" && typeof section !== "number") {
		throw new TypeError(
			`a section is a bigint or a number, not ${kindOf(section)}`,
		);
	}
	if (typeof section === "number" || section < 0n || section > SECTION_MAX) {
		throw new RangeError(
			`a section is a whole number from 0 to ${SECTION_MAX}, as a plain number to ${Number.MAX_SAFE_INTEGER}, not ${section}`,
		);
	}
	return section;
}

/** The name of a section's blob: its number in eight bytes. */
export function blobNameOfSection(section: bigint): Uint8Array {
	const name = new Uint8Array(NAME_SIZE);
	new DataView(name.buffer).setBigUint64(0, section);
	return name;
}

/** Throws ERR_INVALID_BLOB_NAME for a name that is no number of eight bytes. */
export function sectionOfBlobName(partition: string, blob: string): bigint {
	if (blob.length !== 2 * NAME_SIZE) {
		throw new StorageError(
			"ERR_INVALID_BLOB_NAME",
			`invalid blob name: ${partition} holds ${blob}, which is no section's number of ${NAME_SIZE} bytes`,
			{ partition, blob },
		);
	}
	return BigInt(`0x${blob}`);
}

export function ascending(sections: Iterable<bigint>): bigint[] {
	return [...sections].sort((a, b) => (a < b ? -1 : 1));
}

/** The error, with the section in its place. */
export function inSection(
	error: unknown,
	partition: string,
	section: bigint,
): unknown {
	if (!isStorageError(error) || error.place.section !== undefined) {
		return error;
	}
	const { code, message, place, cause } = error;
	return new StorageError(
		code,
		message,
		{ partition, ...place, section },
		cause,
	);
}
