import { HEADER_SIZE } from "../assembly/format.ts";
import { StorageError } from "./errors.ts";

/**
 * Checks a byte range against what a JavaScript number can address: TypeError for what is no
 * number, RangeError for what is no whole number from 0 on, ERR_OFFSET_OVERFLOW where its end in
 * the file lies past 2^53 - 1.
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
		throw new TypeError(`${what} is a number, not ${kindOf(value)}`);
	}
	if (!(value >= 0) || (Number.isFinite(value) && !Number.isInteger(value))) {
		throw new RangeError(`${what} is a whole number from 0 on, not ${value}`);
	}
}

export function checkText(what: string, value: string): void {
	if (typeof value !== "string") {
		throw new TypeError(`${what} is a string, not ${kindOf(value)}`);
	}
}

/** Throws TypeError unless options are an object. */
export function checkOptions(options: unknown): void {
	if (typeof options !== "object" || options === null) {
		throw new TypeError(`options are an object, not ${kindOf(options)}`);
	}
}

/** Throws TypeError unless it is an array. */
export function checkList(
	what: string,
	list: unknown,
): asserts list is readonly unknown[] {
	if (!Array.isArray(list)) {
		throw new TypeError(`${what} are a list, not ${kindOf(list)}`);
	}
}

/** A value's kind, for a message that says the expected one. */
export function kindOf(value: unknown): string {
	if (value === undefined || value === null) {
		return String(value);
	}
	const kind = Array.isArray(value) ? "array" : typeof value;
	return kind === "array" || kind === "object" ? `an ${kind}` : `a ${kind}`;
}

export function checkFlag(what: string, value: unknown): void {
	if (value !== undefined && typeof value !== "boolean") {
		throw new TypeError(`${what} is true or false, not ${kindOf(value)}`);
	}
}

/** Throws TypeError. */
export function checkOneOf(
	name: string,
	value: unknown,
	values: readonly string[],
): void {
	if (typeof value !== "string" || !values.includes(value)) {
		const choices = values.map((choice) => `'${choice}'`).join(" or ");
		throw new TypeError(`${name} is ${choices}, not ${String(value)}`);
	}
}

/** Throws TypeError unless it is a Uint8Array, and one whose buffer was not transferred or cut. */
export function checkBytes(bytes: Uint8Array): void {
	if (!isBytes(bytes)) {
		throw new TypeError(`bytes are a Uint8Array, not ${kindOf(bytes)}`);
	}
	// V8 has been seen to return an array's old length, in code that it has optimised for resizable
	// memory too.
	const end = bytes.byteOffset + bytes.length;
	if (bytes.length === 0 || end > bytes.buffer.byteLength) {
		refuseGone(bytes);
	}
}

/**
 * The bytes themselves, or a copy where others may change or take them before the call settles:
 * platforms differ in whether they refuse shared memory.
 */
export function ownBytes(bytes: Uint8Array): Uint8Array {
	return isOwn(bytes) ? bytes : new Uint8Array(bytes);
}

/** Whether their memory is neither shared nor resizable. */
export function isOwn({ buffer }: Uint8Array): boolean {
	return isArrayBuffer(buffer) && Reflect.get(buffer, "resizable") !== true;
}

/** An array whose buffer was transferred or cut looks empty, but its methods throw. */
function refuseGone(bytes: Uint8Array): void {
	try {
		bytes.at(0);
	} catch (cause) {
		throw new TypeError("bytes lie in a buffer that was transferred or cut", {
			cause,
		});
	}
}

/*
 * The kind of a value from any realm. A test runner, a frame or a `node:vm` context has its own
 * classes, and `instanceof` is false for another realm's objects.
 */

/** Whether it is a Uint8Array, as Node's Buffer is. */
export function isBytes(value: unknown): value is Uint8Array {
	return ArrayBuffer.isView(value) && nameOf(value) === "Uint8Array";
}

export function isArrayBuffer(value: unknown): value is ArrayBuffer {
	return isTagged(value, "ArrayBuffer");
}

export function isAbortSignal(value: unknown): value is AbortSignal {
	return isTagged(value, "AbortSignal");
}

/** Throws TypeError unless it is a signal. */
export function checkSignal(signal: unknown): void {
	if (signal !== undefined && !isAbortSignal(signal)) {
		throw new TypeError(`signal is an AbortSignal, not ${kindOf(signal)}`);
	}
}

export function isReadableStream(value: unknown): value is ReadableStream {
	return isTagged(value, "ReadableStream");
}

export function isWritableStream(value: unknown): value is WritableStream {
	return isTagged(value, "WritableStream");
}

export function isPromise<T>(value: T | Promise<T>): value is Promise<T> {
	return (
		typeof value === "object" &&
		value !== null &&
		"then" in value &&
		typeof value.then === "function"
	);
}

function isTagged(value: unknown, tag: string): boolean {
	return Object.prototype.toString.call(value) === `[object ${tag}]`;
}

/** The platform's name for the kind of a typed array. */
function nameOf(
	view: ArrayBufferView & { readonly [Symbol.toStringTag]?: string },
): string | undefined {
	return view[Symbol.toStringTag];
}

/**
 * The part of the engine behind an object that a user holds; undefined for any other value. Two
 * copies of dualslot in one program share the symbol.
 */
export function behind<T>(held: unknown, symbol: symbol): T | undefined {
	return typeof held === "object" && held !== null
		? Reflect.get(held, symbol)
		: undefined;
}

/** For a failure that no caller and no platform can cause: a bug in dualslot. */
export function assertionFailure(what: string): Error {
	return new Error(`a bug in dualslot: ${what}`);
}
