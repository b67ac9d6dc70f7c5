import { withJson } from "./json.ts";

/**
 * Every code a {@link StorageError} can carry. The list is closed: a new failure gets a new code
 * here and a row in docs/errors.md. The first group mirrors commonware's error catalogue, the
 * second is dualslot's own.
 */
export type StorageErrorCode =
	| "ERR_PARTITION_NAME_INVALID"
	| "ERR_PARTITION_CREATION_FAILED"
	| "ERR_PARTITION_MISSING"
	| "ERR_PARTITION_CORRUPT"
	| "ERR_BLOB_OPEN_FAILED"
	| "ERR_BLOB_MISSING"
	| "ERR_BLOB_RESIZE_FAILED"
	| "ERR_BLOB_SYNC_FAILED"
	| "ERR_BLOB_INSUFFICIENT_LENGTH"
	| "ERR_BLOB_CORRUPT"
	| "ERR_BLOB_VERSION_MISMATCH"
	| "ERR_INVALID_CHECKSUM"
	| "ERR_OFFSET_OVERFLOW"
	| "ERR_INVALID_BLOB_NAME"
	| "ERR_SECTION_PRUNED"
	| "ERR_SECTION_OUT_OF_RANGE"
	| "ERR_ITEM_OUT_OF_RANGE"
	| "ERR_ITEM_TOO_LARGE"
	| "ERR_ITEM_CORRUPT"
	| "ERR_VALUE_TOO_LARGE"
	| "ERR_CODEC"
	| "ERR_FRAME_MISSING"
	| "ERR_FRAME_CORRUPT"
	| "ERR_MANIFEST_CORRUPT"
	| "ERR_DIRECT_IO"
	| "ERR_DECOMPRESSION"
	| "ERR_IO"
	| "ERR_READ_FAILED"
	| "ERR_WRITE_FAILED"
	| "ERR_NO_SPACE"
	| "ERR_CLOSED"
	| "ERR_LOCKED"
	| "ERR_IN_USE"
	| "ERR_MOVED"
	| "ERR_OWNER_LOST"
	| "ERR_POISONED"
	| "ERR_READ_ONLY"
	| "ERR_CONFIG"
	| "ERR_VERSION"
	| "ERR_NOT_EMPTY"
	| "ERR_ARCHIVE"
	| "ERR_IMPORT_INCOMPLETE"
	| "ERR_PAGE_SIZE"
	| "ERR_MEMORY"
	| "ERR_UNSUPPORTED"
	| "ERR_ZSTD_MISSING"
	| "ERR_CORE_TRAP";

/**
 * The place of an error. Offsets are bytes of blob content, without the 8-byte header, unless the
 * message says raw. For bytes from no blob they are offsets in those.
 */
export interface ErrorPlace {
	/** A file, by its path in the store; or the store's own directory. */
	readonly path?: string;
	/** The partition's name. */
	readonly partition?: string;
	/** The blob's name in lower-case hex, as its file is called. */
	readonly blob?: string;
	/** The section's number. */
	readonly section?: bigint;
	/** The entry's, in its section. */
	readonly position?: number;
	/** The page's number in its blob, from 0 on. */
	readonly page?: number;
	/** The frame's, in lower-case hex. */
	readonly guid?: string;
	/** The slot of that frame. */
	readonly slot?: bigint;
	/** Bytes from the start of the blob, or of the file. */
	readonly offset?: number;
	/** The value that was requested, or should be there. */
	readonly expected?: string | number;
	/** The value that is there. */
	readonly found?: string | number;
}

const NO_SPACE = new Set(["ENOSPC", "EDQUOT", "QuotaExceededError"]);
const NAME = "StorageError";

/**
 * The one error class of dualslot: a stable `code`, the place, and the `cause` where there is one.
 */
export class StorageError extends Error {
	/** Always "StorageError": errors are told apart by `code`. */
	override readonly name = NAME;
	/** The kind of the error, the same in every version. */
	readonly code: StorageErrorCode;
	/** Where the error was met, as far as that is known. */
	readonly place: ErrorPlace;

	constructor(
		code: StorageErrorCode,
		message: string,
		place: ErrorPlace = {},
		cause?: unknown,
	) {
		super(
			withReason(quoted(message), cause),
			cause === undefined ? undefined : { cause },
		);
		this.code = code;
		this.place = withJson({ ...place });
	}

	/**
	 * The error as JSON has it: `name`, `code`, `message`, and `place`, whose bigints are decimal
	 * strings; the `cause`, where there is one, by its `name`, `code` and `message`.
	 */
	toJSON(): object {
		return errorInJson(this, CAUSES_DEEP_MAX);
	}
}

/** A host's error may have itself among its causes: JSON then has so many, each within the last. */
const CAUSES_DEEP_MAX = 8;

function errorInJson(error: StorageError, deep: number): object {
	const { name, code, message, place, cause } = error;
	const said = { name, code, message, place };
	return cause === undefined || deep === 0
		? said
		: { ...said, cause: causeInJson(cause, deep - 1) };
}

/** A message, followed by its cause's, unless that is in it already. */
function withReason(message: string, cause: unknown): string {
	const reason = quoted(reasonOf(cause));
	const isSaid = reason !== "" && message.includes(reason);
	return cause === undefined || isSaid
		? message
		: `${message}: ${named(reason, failureName(cause))}`;
}

/** A platform's message for its failure, behind its code or name. */
function named(reason: string, name = "Error"): string {
	const isSaid = name === "Error" || reason.includes(name);
	return isSaid ? reason : `${name}: ${reason}`;
}

/** A platform's error may hold anything: only three fields are kept, and errors that it unites. */
function causeInJson(cause: unknown, deep: number): unknown {
	if (isStorageError(cause)) {
		return errorInJson(cause, deep);
	}
	const name = propertyOf(cause, "name");
	const code = propertyOf(cause, "code");
	const said = { name, code, message: reasonOf(cause) };
	const errors: unknown = Object(cause).errors;
	return Array.isArray(errors) && deep > 0
		? { ...said, errors: errors.map((one) => causeInJson(one, deep - 1)) }
		: said;
}

/** File names may hold anything: none must add a line to a log, or control the terminal. */
function quoted(message: string): string {
	return message.replace(
		/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Surrogate}]/gu,
		(character) => {
			const code = character.codePointAt(0) ?? 0;
			return `\\u{${code.toString(16)}}`;
		},
	);
}

/**
 * Runs a step, and throws its failure as the `cause` of an error with a place. A StorageError
 * passes unchanged.
 */
export async function failingAs<T>(
	code: StorageErrorCode,
	message: string,
	place: ErrorPlace,
	step: () => T | Promise<T>,
): Promise<T> {
	try {
		return await step();
	} catch (error) {
		throw asStorageError(error, code, message, place);
	}
}

/**
 * A host's error as the cause of a StorageError; a StorageError unchanged. A full disk is
 * ERR_NO_SPACE, whatever was tried. But a sync that found no room has lost the bytes that it was to
 * make durable, and is ERR_BLOB_SYNC_FAILED.
 */
export function asStorageError(
	error: unknown,
	code: StorageErrorCode,
	message: string,
	place: ErrorPlace,
): StorageError {
	if (isStorageError(error)) {
		return error;
	}
	const said =
		isNoSpace(error) && code !== "ERR_BLOB_SYNC_FAILED" ? "ERR_NO_SPACE" : code;
	return new StorageError(said, message, place, error);
}

/** Whether a platform failed because the disk, or the caller's quota of it, is full. */
export function isNoSpace(error: unknown): boolean {
	return NO_SPACE.has(failureName(error) ?? "");
}

/**
 * Whether it is a StorageError, of this copy of dualslot or of another one that a host came from.
 */
export function isStorageError(error: unknown): error is StorageError {
	return propertyOf(error, "name") === NAME && "place" in Object(error);
}

/**
 * The platform's name for a failure: the code of a system call, as ENOENT, or the name of a
 * DOMException. It tells errors apart, not their class: another realm has classes of its own.
 */
export function failureName(error: unknown): string | undefined {
	// The codes of DOMExceptions are numbers.
	return propertyOf(error, "code") ?? propertyOf(error, "name");
}

/** An error's message; for any other thrown value, its text. */
export function reasonOf(error: unknown): string {
	return propertyOf(error, "message") ?? String(error);
}

function propertyOf(error: unknown, key: string): string | undefined {
	const value: unknown = Object(error)[key];
	return typeof value === "string" ? value : undefined;
}
