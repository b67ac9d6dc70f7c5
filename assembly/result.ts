import { RESULT_SIZE } from "./format";

// The only memory in which calls leave results. Each call that uses it overwrites it.
const RESULT = memory.data(RESULT_SIZE, 16);

/** The address of the result block, whose fields format.ts names by function. */
export function resultAddress(): usize {
	return RESULT;
}

/** The first byte that the module does not use. */
export function heapBase(): usize {
	return __heap_base;
}

export function storeResult(field: usize, value: u32): void {
	store<u32>(RESULT + field, value);
}

export function loadResult(field: usize): u32 {
	return load<u32>(RESULT + field);
}

export function storeResultU64(field: usize, value: u64): void {
	store<u64>(RESULT + field, value);
}

export function loadResultU64(field: usize): u64 {
	return load<u64>(RESULT + field);
}

/** For numbers that may not fit 32 bits. */
export function storeResultF64(field: usize, value: f64): void {
	store<f64>(RESULT + field, value);
}
