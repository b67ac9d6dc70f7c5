/*
 * What a value is, whichever realm made it. A test runner, a frame or a `node:vm` context has classes of its own, and
 * `instanceof` answers false for what another one made.
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

/** As the platform calls it: a typed array by its kind. */
function nameOf(
	view: ArrayBufferView & { readonly [Symbol.toStringTag]?: string },
): string | undefined {
	return view[Symbol.toStringTag];
}
