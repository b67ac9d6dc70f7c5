import { hex } from "../bytes.ts";
import { isBytes, kindOf } from "../checks.ts";
import { StorageError } from "../errors.ts";

/** A blob's name: any bytes, at least one. A string stands for its UTF-8 encoding. */
export type BlobName = string | Uint8Array;

const PARTITION = /^[A-Za-z0-9_-]+$/;
/** UTF-8 would encode each of them as U+FFFD. */
const HALF_PAIR = /\p{Surrogate}/u;
const CANONICAL_HEX = /^(?:[0-9a-f]{2})+$/;
/** File systems allow a file name at most 255 bytes; each byte of a blob's name takes two. */
const NAME_BYTES_MAX = 127;

/**
 * Checks a partition's name before a store is asked for it.
 *
 * @throws {TypeError} unless it is a string.
 * @throws {StorageError} ERR_PARTITION_NAME_INVALID unless the name is one or more of A-Z, a-z,
 * 0-9, '_' and '-'.
 */
export function checkPartitionName(partition: string): void {
	if (typeof partition !== "string") {
		throw new TypeError(
			`a partition name is a string, not ${kindOf(partition)}`,
		);
	}
	if (!isPartitionName(partition)) {
		throw new StorageError(
			"ERR_PARTITION_NAME_INVALID",
			`partition name invalid, must only contain alphanumeric, dash ('-'), or underscore ('_') characters: ${partition}`,
			{ partition },
		);
	}
}

export function isPartitionName(name: string): boolean {
	return PARTITION.test(name);
}

/** The file name of a blob: two lower-case hex digits for each byte of its name. */
export function blobFileName(name: BlobName): string {
	if (typeof name !== "string" && !isBytes(name)) {
		throw new TypeError(
			`a blob's name is a string or a Uint8Array, not ${kindOf(name)}`,
		);
	}
	if (typeof name === "string" && HALF_PAIR.test(name)) {
		throw new RangeError("a blob's name has half of a surrogate pair");
	}
	const bytes =
		typeof name === "string" ? new TextEncoder().encode(name) : name;
	if (bytes.length < 1 || bytes.length > NAME_BYTES_MAX) {
		throw new RangeError(
			`a blob's name has 1 to ${NAME_BYTES_MAX} bytes, not ${bytes.length}`,
		);
	}
	return hex(bytes);
}

/** What tells a blob from the others of its store. */
export interface NamedBlob {
	readonly partition: string;
	/** As its file is called. */
	readonly hexName: string;
}

/** Where a blob's file lies in the store. */
export function blobPath(blob: NamedBlob): string {
	return `${blob.partition}/${blob.hexName}`;
}

/** Splits the path of a blob's file. */
export function splitPath(path: string): { partition: string; name: string } {
	const slash = path.indexOf("/");
	return { partition: path.slice(0, slash), name: path.slice(slash + 1) };
}

/** Whether a path in a store is a blob's. */
export function isBlobPath(path: string): boolean {
	const [partition = "", name = "", ...more] = path.split("/");
	return (
		more.length === 0 &&
		name.length <= 2 * NAME_BYTES_MAX &&
		isPartitionName(partition) &&
		CANONICAL_HEX.test(name)
	);
}

/** Whether a file's name is a blob's: canonical lower-case hex. */
export function isBlobFileName(fileName: string): boolean {
	return CANONICAL_HEX.test(fileName);
}

/** The blob's name that such a file name stands for. */
export function blobNameOf(fileName: string): Uint8Array {
	return Uint8Array.from({ length: fileName.length / 2 }, (_, index) =>
		Number.parseInt(fileName.slice(index * 2, index * 2 + 2), 16),
	);
}
