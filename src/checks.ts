import { HEADER_SIZE } from "../assembly/format.ts";
import { StorageError } from "./errors.ts";
import { isArrayBuffer, isBytes } from "./kinds.ts";
import { blobPath, isBlobPath } from "./names.ts";
import type { PageCache } from "./paged/cache.ts";
import type { StorageBlob } from "./storage/blob.ts";
import type { Storage } from "./storage/storage.ts";

/**
 * Checks a byte range against what a JavaScript number can address: TypeError for what is no number, RangeError for
 * what is no whole number from 0 on, ERR_OFFSET_OVERFLOW where its end in the file lies past 2^53 - 1.
 */
export function checkRange(offset: number, length: number): void {
	checkWhole("an offset", offset);
	checkWhole("a length", length);
	if (offset + length > Number.MAX_SAFE_INTEGER - HEADER_SIZE) {
		throw new StorageError("ERR_OFFSET_OVERFLOW", "offset overflow", {
			offset,
			expected: Number.MAX_SAFE_INTEGER - HEADER_SIZE,
			found: offset + length,
		});
	}
}

export function checkWhole(what: string, value: number): void {
	if (typeof value !== "number") {
		throw new TypeError(`${what} is a number, not a ${typeof value}`);
	}
	if (!(value >= 0) || (Number.isFinite(value) && !Number.isInteger(value))) {
		throw new RangeError(`${what} is a whole number from 0 on, not ${value}`);
	}
}

export function checkText(what: string, value: string): void {
	if (typeof value !== "string") {
		throw new TypeError(`${what} is a string, not a ${typeof value}`);
	}
}

/** Of what a call takes its options from. Throws TypeError. */
export function checkOptions(options: unknown): void {
	if (typeof options !== "object" || options === null) {
		throw new TypeError("options are an object");
	}
}

export function checkFlag(what: string, value: unknown): void {
	if (value !== undefined && typeof value !== "boolean") {
		throw new TypeError(`${what} is true or false, not a ${typeof value}`);
	}
}

/** Throws TypeError for what was never opened as a storage, a cache or a blob: by what each is used for. */
export function checkStorage(storage: Storage): void {
	if (typeof storage?.checkConfig !== "function") {
		throw new TypeError("a storage is one that was opened");
	}
}

export function checkCache(cache: PageCache): void {
	if (typeof cache?.attach !== "function") {
		throw new TypeError("a cache is a PageCache");
	}
}

export function checkBlob(blob: StorageBlob): void {
	const isOpened = typeof blob === "object" && blob !== null;
	if (!isOpened || !isBlobPath(blobPath(blob))) {
		throw new TypeError("a blob is one that a storage has opened");
	}
}

/** Throws TypeError for what is no Uint8Array, and for one whose bytes have gone with its buffer. */
export function checkBytes(bytes: Uint8Array): void {
	if (!isBytes(bytes)) {
		throw new TypeError("bytes are a Uint8Array");
	}
	// V8 has been seen to answer the length that an array had, in code that it has optimised for resizable memory too.
	const end = bytes.byteOffset + bytes.length;
	if (bytes.length === 0 || end > bytes.buffer.byteLength) {
		refuseGone(bytes);
	}
}

/**
 * The bytes themselves, or a copy where somebody else may change or take them while they are on their way: platforms refuse
 * shared memory, or not, each in its own way.
 */
export function ownBytes(bytes: Uint8Array): Uint8Array {
	return isOwn(bytes) ? bytes : new Uint8Array(bytes);
}

/** Whether their memory is neither shared nor can be cut. */
export function isOwn({ buffer }: Uint8Array): boolean {
	return isArrayBuffer(buffer) && Reflect.get(buffer, "resizable") !== true;
}

/** An array whose buffer was transferred or cut looks empty, but that it refuses every call. */
function refuseGone(bytes: Uint8Array): void {
	try {
		bytes.at(0);
	} catch (cause) {
		throw new TypeError("bytes lie in a buffer that was transferred or cut", {
			cause,
		});
	}
}
