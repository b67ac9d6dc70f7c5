import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { Core } from "../../src/core/core.ts";
import { CASTAGNOLI, ISO_HDLC } from "../support/oracles/oracle.ts";

const core = await Core.load(65536);

/** A stage of the division: its source, the bytes of its remainder, and which stage takes that remainder over. */
interface Stage {
	readonly source: string;
	readonly polynomial: number;
	readonly remainder: number;
	/** Of a message that this stage divides first, and without a rest. */
	readonly length: number;
	readonly next?: Stage;
}

const WINDOW_CASTAGNOLI: Stage = {
	source: "assembly/crc/window-castagnoli.ts",
	polynomial: CASTAGNOLI,
	remainder: 112,
	length: 5 * 112,
};
const WINDOW_ISO: Stage = {
	source: "assembly/crc/window-iso.ts",
	polynomial: ISO_HDLC,
	remainder: 128,
	length: 5 * 128,
};
const HYBRID_CASTAGNOLI: Stage = {
	source: "assembly/crc/hybrid-castagnoli.ts",
	polynomial: CASTAGNOLI,
	remainder: 224,
	length: 12 * 224,
	next: WINDOW_CASTAGNOLI,
};
const HYBRID_ISO: Stage = {
	source: "assembly/crc/hybrid-iso.ts",
	polynomial: ISO_HDLC,
	remainder: 208,
	length: 12 * 208,
	next: WINDOW_ISO,
};

const STAGES = [
	WINDOW_CASTAGNOLI,
	WINDOW_ISO,
	HYBRID_CASTAGNOLI,
	HYBRID_ISO,
].map((stage) => [stage.source, stage] as const);

test.each(STAGES)("%s states a multiple of its polynomial", (_, stage) => {
	const { polynomial, source } = stage;
	const exponents = divisorIn(source);
	expect(exponents.length).toBeGreaterThan(2);
	expect(new Set(exponents).size).toBe(exponents.length);
	const remainder = exponents
		.map((exponent) => powerOfX(polynomial, exponent))
		.reduce((sum, power) => sum ^ power, 0);
	expect(remainder).toBe(0);
});

test.each(STAGES)("%s states the distances of its divisor", (_, stage) => {
	const exponents = divisorIn(stage.source);
	const degree = Math.max(...exponents);
	const distances = exponents
		.filter((exponent) => exponent < degree)
		.map((exponent) => degree - exponent);
	expect(statedIn(stage.source)).toEqual(distances.sort((a, b) => a - b));
});

test.each(STAGES)(
	"%s reaches no byte of the vector that it divides, and none before its remainder's length",
	(_, stage) => {
		const distances = statedIn(stage.source);
		expect(Math.min(...distances)).toBeGreaterThanOrEqual(16);
		expect(Math.max(...distances)).toBeLessThanOrEqual(stage.remainder);
	},
);

test.each(STAGES)("%s divides by the distances that it states", (_, stage) => {
	expect(distancesOf(stage, 0)).toEqual(statedIn(stage.source));
	expect(distancesOf(stage, 7)).toEqual(statedIn(stage.source));
});

/**
 * The distances that a stage divides by, out of the core's own memory. Of a message that is zero but for one of the
 * last 16 bytes of the quotient, `back` before its end, the quotient is that byte; and the remainder, which stays in
 * the stage's scratch, has a byte for each distance.
 */
function distancesOf(stage: Stage, back: number): number[] {
	const end = remainderEnd(stage);
	const start = end - stage.remainder;
	const last = stage.length - stage.remainder - 1;
	const changed = changedBy(stage, last - back);
	return changed
		.filter((address) => address >= start && address < end)
		.map((address) => address - start + 1 + back);
}

/** The address behind a stage's remainder: a message's last byte is the last of each stage's remainder. */
function remainderEnd(stage: Stage): number {
	const { length, next } = stage;
	const nextEnd = next && remainderEnd(next);
	const ends = changedBy(stage, length - 1).map((address) => address + 1);
	const own = ends.filter((end) => end !== nextEnd);
	expect(own).toHaveLength(1);
	return own[0] ?? 0;
}

/** The addresses of the core's own memory at which a message with one bit leaves something else than one without. */
function changedBy(stage: Stage, at: number): number[] {
	const without = memoryAfter(stage);
	const withBit = memoryAfter(stage, at);
	const differences = withBit.map(
		(byte, address) => byte ^ (without[address] ?? 0),
	);
	expect(Math.max(...new Set(differences))).toBe(1);
	return [...differences.keys()].filter(
		(address) => differences[address] === 1,
	);
}

/** What the core's own memory holds after a message of zeros, and one bit; it begins with a remainder of zero. */
function memoryAfter(stage: Stage, at?: number): Uint8Array {
	const message = core.bytes(core.heapBase, stage.length);
	message.fill(0);
	if (at !== undefined) {
		message[at] = 1;
	}
	if (stage.polynomial === CASTAGNOLI) {
		core.checksums.crc32c(core.heapBase, stage.length, 0xffffffff);
	} else {
		core.checksums.crc32(core.heapBase, stage.length, 0xffffffff);
	}
	return core.bytes(0, core.heapBase).slice();
}

/** The exponents of the sum that the source's comment states: `x^136 + ... + 1`. */
function divisorIn(path: string): number[] {
	const sum = /x\^\d+ \+ [^\n]* \+ 1/.exec(readFileSync(path, "utf8"))?.[0];
	return (sum ?? "")
		.split(" + ")
		.map((term) => Number(term.split("^")[1] ?? 0));
}

/** The distances in bytes that the source's comment states, ascending. */
function statedIn(path: string): number[] {
	const source = readFileSync(path, "utf8").replace(/\n\/\/ /g, " ");
	const sentence = /bytes ((?:\d+, )+\d+ and \d+) before/.exec(source)?.[1];
	return (sentence ?? "").split(/, | and /).map(Number);
}

/** x^exponent modulo a polynomial, both with the highest power in the lowest bit. */
function powerOfX(polynomial: number, exponent: number): number {
	let power = 0x80000000;
	for (let step = 0; step < exponent; step += 1) {
		power = (power >>> 1) ^ (power & 1 ? polynomial : 0);
	}
	return power;
}
