import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { Core } from "../../src/core/core.ts";
import { bitwiseCrc, CASTAGNOLI, ISO_HDLC } from "../support/oracles/oracle.ts";
import { bytesOf } from "../support/runs/bytes.ts";
import { seeded } from "../support/runs/prng.ts";

const core = await Core.load(4 * 1024 * 1024);
const base = core.heapBase + 16 - (core.heapBase % 16);

const ALGORITHMS = [
	{ name: "CRC-32C", polynomial: CASTAGNOLI, rounds: [112, 224] },
	{ name: "CRC-32", polynomial: ISO_HDLC, rounds: [128, 208] },
];

const NAMED = ALGORITHMS.map((one) => [one.name, one] as const);

/** From these lengths on the core divides by vectors: in registers, and over a ring. Each has its rounds. */
const THRESHOLDS = thresholds();

function place(bytes: Uint8Array, address = base): Uint8Array {
	const view = core.bytes(address, bytes.length);
	view.set(bytes);
	return view;
}

function crc(
	polynomial: number,
	address: number,
	length: number,
	before = 0,
): number {
	return polynomial === CASTAGNOLI
		? core.checksums.crc32c(address, length, before)
		: core.checksums.crc32(address, length, before);
}

function sequence(length: number, first = 0): Uint8Array {
	return Uint8Array.from({ length }, (_, index) => first + index);
}

const READ_PDU = Uint8Array.from(
	Buffer.from(
		"01c00000000000000000000000000000140000000000040000000014000000182800000000000000" +
			"0200000000000000",
		"hex",
	),
);

const VECTORS: [name: string, bytes: Uint8Array, crc: number][] = [
	["no bytes", new Uint8Array(0), 0],
	["the check input", bytesOf("123456789"), 0xe3069283],
	["32 zeros", new Uint8Array(32), 0x8a9136aa],
	["32 ones", new Uint8Array(32).fill(0xff), 0x62a8ab43],
	["32 rising bytes", sequence(32), 0x46dd794e],
	["32 falling bytes", sequence(32).reverse(), 0x113fdb5c],
	["an iSCSI read PDU", READ_PDU, 0xd9963a56],
	[
		"the quick brown fox",
		bytesOf("The quick brown fox jumps over the lazy dog"),
		0x22620404,
	],
	["23456789", bytesOf("23456789"), 0xbfe92a83],
	["the bytes 01 to f0", sequence(0xf0, 1), 0x24c5d375],
];

const SEQUENCES: [length: number, crc: number][] = [
	[1, 0x527d5351],
	[2, 0x030af4d1],
	[3, 0x92fd4bfa],
	[4, 0xd9331aa3],
	[7, 0xa359ed4c],
	[8, 0x8a2cbc3b],
	[9, 0x7144c5a8],
	[15, 0x68ef03f6],
	[16, 0xd9c908eb],
	[17, 0x38435e17],
	[31, 0xe95cabcb],
	[33, 0x9f85a26d],
	[63, 0x7a873004],
	[64, 0xfb6d36eb],
	[127, 0x6c31bd0c],
	[128, 0x30d9c515],
	[255, 0x8953c482],
	[256, 0x9c44184b],
	[512, 0xae10ee5a],
	[1024, 0x2cdf6e8f],
	[4095, 0xbcb5bd82],
	[4096, 0x9c71fe32],
	[4097, 0x83391be9],
];

test.each(VECTORS)(
	"CRC-32C of %s is the published one",
	(_, bytes, expected) => {
		place(bytes);
		expect(core.checksums.crc32c(base, bytes.length)).toBe(expected);
	},
);

test.each(SEQUENCES)(
	"CRC-32C of %i rising bytes is the published one",
	(length, expected) => {
		place(sequence(length));
		expect(core.checksums.crc32c(base, length)).toBe(expected);
	},
);

test("CRC-32 of the check input is zlib's", () => {
	place(bytesOf("123456789"));
	expect(core.checksums.crc32(base, 9)).toBe(0xcbf43926);
});

test.each(NAMED)(
	"%s equals the bitwise definition at every length to 4 KiB",
	(_, { polynomial }) => {
		const bytes = place(sequence(4096, 7));
		let expected = 0;
		for (let length = 0; length < bytes.length; length += 1) {
			expect(crc(polynomial, base, length), `${length} bytes`).toBe(expected);
			expected = bitwiseCrc(
				polynomial,
				bytes.subarray(length, length + 1),
				expected,
			);
		}
	},
);

test.each(NAMED)(
	"%s is the same at every alignment, near its thresholds and rounds",
	(_, { polynomial, rounds }) =>
		seeded((random) => {
			const lengths = THRESHOLDS.flatMap((threshold, way) =>
				edges(threshold, rounds[way] ?? 0),
			);
			const bytes = random.bytes(Math.max(...lengths) + 16);
			for (const near of lengths) {
				for (let length = near - 16; length <= near + 16; length += 1) {
					const run = bytes.subarray(0, length);
					const expected = bitwiseCrc(polynomial, run);
					for (let offset = 0; offset < 16; offset += 1) {
						place(run, base + offset);
						expect(
							crc(polynomial, base + offset, length),
							`${length} bytes at ${offset}`,
						).toBe(expected);
					}
				}
			}
		})(),
);

test.each(NAMED)(
	"%s goes on from any split, whatever sizes came before",
	(_, { polynomial }) =>
		seeded((random) => {
			for (let round = 0; round < 300; round += 1) {
				const scale = random.pick([20, 300, 5000, 40_000]);
				const bytes = random.bytes(random.integer(0, scale));
				const address = base + random.integer(0, 5000);
				place(bytes, address);
				const start = random.word();
				const split = random.integer(0, bytes.length + 1);
				const head = crc(polynomial, address, split, start);
				const whole = crc(
					polynomial,
					address + split,
					bytes.length - split,
					head,
				);
				expect(whole, `${bytes.length} bytes split at ${split}`).toBe(
					bitwiseCrc(polynomial, bytes, start),
				);
			}
		})(),
);

test.each(NAMED)(
	"%s finds nothing of a call that trapped halfway",
	(_, { polynomial }) =>
		seeded((random) => {
			const length = 2 * Math.max(...THRESHOLDS);
			const end = core.memoryBytes;
			place(random.bytes(length), end - length);
			expect(() => crc(polynomial, end - length, 2 * length)).toThrow(
				expect.objectContaining({ code: "ERR_CORE_TRAP" }),
			);
			const bytes = place(random.bytes(length));
			expect(crc(polynomial, base, length)).toBe(bitwiseCrc(polynomial, bytes));
		})(),
);

function thresholds(): number[] {
	const source = readFileSync("assembly/crc/crc32.ts", "utf8");
	return [...source.matchAll(/^const WORTH_\w+: usize = (\d+);/gm)].map(
		([, length]) => Number(length),
	);
}

/** Where a way of dividing begins, and where it has the next whole rounds. */
function edges(threshold: number, round: number): number[] {
	const whole = Math.ceil(threshold / round);
	return [threshold, ...[0, 1, 2, 3].map((more) => (whole + more) * round)];
}
