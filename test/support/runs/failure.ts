import { assert } from "chai";
import { StorageError, type StorageErrorCode } from "../../../src/errors.ts";

export const KERNEL_ERROR = kernelError("EIO", "i/o error");
export const DISK_FULL = kernelError("ENOSPC", "no space left");

/** The error of a call; fails when there is none. */
export async function failureOf(call: () => unknown): Promise<unknown> {
	try {
		await call();
	} catch (error) {
		return error;
	}
	return assert.fail("it did not fail");
}

export async function assertFails(
	code: StorageErrorCode,
	call: () => unknown,
): Promise<StorageError> {
	const error = await failureOf(call);
	assert.instanceOf(error, StorageError, String(error));
	assert.equal(error.code, code, error.message);
	return error;
}

/** A caller's mistake: no StorageError, but JavaScript's own. */
export async function assertRefuses(
	kind: typeof RangeError | typeof TypeError,
	call: () => unknown,
	message = "",
): Promise<void> {
	const error = await failureOf(call);
	assert.instanceOf(error, kind, String(error));
	assert.include(error.message, message);
}

/** Calls a method as JavaScript would, with any arguments. */
export function callUntyped(
	object: object,
	method: string,
	...given: readonly unknown[]
): unknown {
	return Reflect.apply(Reflect.get(object, method), object, given);
}

function kernelError(code: string, text: string): Error {
	return Object.assign(new Error(`${code}: ${text}`), { code });
}
