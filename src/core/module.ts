import { instantiateSync } from "@assemblyscript/loader";
import { coreBytes } from "../../build/core-bytes.ts";
import { outOfMemory } from "../bytes.ts";
import { failureName, reasonOf, StorageError } from "../errors.ts";
import { closed } from "../refusals.ts";
import { CORE_CALLS, type CoreExports } from "./exports.ts";

const MEMORY_PAGE = 65536;

let compiling: Promise<WebAssembly.Module> | undefined;
let compiled: WebAssembly.Module | undefined;

/**
 * An instance whose memory could not grow, kept for a retry: an engine reserves gigabytes of
 * addresses for each.
 */
let ungrown: CoreExports | undefined;

/** Begins to compile the core, beside other waits. Whoever needs it is told of a failure. */
export function beginCompiling(): void {
	compilation().catch(() => undefined);
}

async function compilation(): Promise<WebAssembly.Module> {
	compiling ??= WebAssembly.compile(coreBytes());
	return compiling;
}

/**
 * A new instance of the core with a memory of `memoryBytes`, rounded up to 64 KiB, that never
 * grows: views of it stay valid. Throws ERR_UNSUPPORTED where the engine has no WebAssembly with
 * SIMD, ERR_MEMORY where it cannot give that much.
 */
export async function instantiateCore(
	memoryBytes: number,
): Promise<CoreExports> {
	try {
		compiled = await compilation();
	} catch (cause) {
		throw refusal(memoryBytes, cause);
	}
	return instantiateNext(memoryBytes);
}

/** As instantiateCore, but at once: for a store that has a core already. */
export function instantiateNext(memoryBytes: number): CoreExports {
	const exports = ungrown ?? instantiateSmall(memoryBytes);
	ungrown = exports;
	growTo(exports.memory, memoryBytes);
	ungrown = undefined;
	return exports;
}

/**
 * Detaches every view of a core's memory: growing it, even by nothing, gives it a new buffer, and
 * the old one has no bytes any more. Returns whether the engine has done so.
 */
export function detachViews({ memory }: CoreExports): boolean {
	const { buffer } = memory;
	memory.grow(0);
	return buffer.byteLength === 0 && memory.buffer !== buffer;
}

/** Makes every guarded call fail from now on: the memory is another's. */
export function refuseCalls(calls: CoreExports): void {
	for (const name of CORE_CALLS) {
		Reflect.set(calls, name, refuse);
	}
}

function refuse(): never {
	throw closed("the store of this core");
}

/**
 * An instance with its first memory. Code is compiled once a process: instances share it and
 * nothing else.
 */
function instantiateSmall(memoryBytes: number): CoreExports {
	try {
		compiled ??= new WebAssembly.Module(coreBytes());
		// The loader's other call uses `Response`, for which Node loads much, and makes own memories.
		return instantiateSync<CoreExports>(compiled).exports;
	} catch (cause) {
		throw refusal(memoryBytes, cause);
	}
}

function refusal(memoryBytes: number, cause: unknown): StorageError {
	// A compilation that lacked memory may succeed at the next call.
	compiling = undefined;
	return failureName(cause) === "RangeError"
		? outOfMemory(memoryBytes, cause)
		: new StorageError(
				"ERR_UNSUPPORTED",
				"this JavaScript engine cannot run dualslot: it needs WebAssembly with SIMD",
				{},
				cause,
			);
}

function growTo(memory: WebAssembly.Memory, size: number): void {
	const missing = size - memory.buffer.byteLength;
	if (missing <= 0) {
		return;
	}
	try {
		memory.grow(Math.ceil(missing / MEMORY_PAGE));
	} catch (cause) {
		throw outOfMemory(size, cause);
	}
}

/** The calls of one user of a core. They throw ERR_CORE_TRAP where the core traps. */
export function guarded(exports: CoreExports): CoreExports {
	const calls = { ...exports };
	for (const name of CORE_CALLS) {
		Reflect.set(calls, name, trapless(exports[name]));
	}
	return calls;
}

function trapless(
	call: (...values: number[]) => unknown,
): (...values: number[]) => unknown {
	return (...values) => {
		try {
			return call(...values);
		} catch (cause) {
			throw isTrap(cause)
				? new StorageError(
						"ERR_CORE_TRAP",
						`the core trapped: ${reasonOf(cause)}`,
						{},
						cause,
					)
				: cause;
		}
	};
}

/** The engine's error, or in a debug core the loader's, which names the assertion's place. */
function isTrap(cause: unknown): boolean {
	const isAborted = reasonOf(cause).startsWith("abort: ");
	return isAborted || failureName(cause) === "RuntimeError";
}
