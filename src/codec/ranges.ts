import { checkOptions, kindOf } from "../checks.ts";
/** How many items or bytes there may be. */
export interface LengthRange {
	/** 0 by default. */
	readonly min?: number;
	/** The longest allowed length. */
	readonly max: number;
}

const LENGTH_MAX = 2 ** 32 - 1;

/** Throws TypeError and RangeError unless `value` is a whole number from `min` to `max`. */
export function checkInteger(value: number, min: number, max: number): void {
	if (Number.isInteger(value) && value >= min && value <= max) {
		return;
	}
	if (typeof value !== "number") {
		throw new TypeError(`a number was expected, not ${kindOf(value)}`);
	}
	throw new RangeError(
		`a whole number from ${min} to ${max} was expected, not ${value}`,
	);
}

export function checkInteger64(value: bigint, isSigned: boolean): void {
	if (typeof value !== "bigint") {
		throw new TypeError(`a bigint was expected, not ${kindOf(value)}`);
	}
	const fitting = isSigned
		? BigInt.asIntN(64, value)
		: BigInt.asUintN(64, value);
	if (fitting !== value) {
		const kind = isSigned ? "signed" : "unsigned";
		throw new RangeError(`${value} has more than 64 bits, ${kind}`);
	}
}

export function checkFloat(value: number): void {
	if (typeof value !== "number") {
		throw new TypeError(`a number was expected, not ${kindOf(value)}`);
	}
}

/** Throws TypeError and RangeError for an invalid range. */
export function lengthRange(range: LengthRange): Required<LengthRange> {
	checkOptions(range);
	const { min = 0, max } = range;
	checkInteger(max, 0, LENGTH_MAX);
	checkInteger(min, 0, max);
	return { min, max };
}

/** Throws RangeError for a length outside the range. */
export function checkLength(
	length: number,
	{ min, max }: Required<LengthRange>,
): void {
	if (length < min || length > max) {
		throw new RangeError(`a length from ${min} to ${max}, not ${length}`);
	}
}
