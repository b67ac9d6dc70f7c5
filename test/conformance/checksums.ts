import { assert } from "chai";
import { Core } from "../../src/core/core.ts";
import { bitwiseCrc, CASTAGNOLI, ISO_HDLC } from "../support/oracles/oracle.ts";
import { type Random, seeded } from "../support/runs/prng.ts";
import { sharedRounds } from "../support/runs/share.ts";

const CASES = 1_000_000;
/** New random bytes now and then: the oracle's single bits are most of the test's time. */
const TEXTS = 8;
const TEXT_SIZE = 128 * 1024;
/** More than the lengths at which the core changes its method, and several rounds of each. */
const LENGTHS = 4200;
/**
 * Upper bounds of random lengths: most are small, many beyond every change of method, a few large.
 */
const SCALES = [200, 200, 400, 2500, 2500, 5000, 5000, 20_000];

/** Random bytes in a core's memory, and the CRC of each of their prefixes, by definition. */
interface Text {
	readonly core: Core;
	readonly address: number;
	readonly castagnoli: Uint32Array;
	readonly iso: Uint32Array;
}

/**
 * The core's checksums against their definition, on one instance. Its scratch memory stays as the
 * case before left it. A case is a run of bytes within a text, and continues from the CRC of the
 * bytes before. So the definition is computed once for each text, not for each case.
 */
export function checksumSuite({
	test,
}: {
	readonly test: (name: string, body: () => Promise<void>) => unknown;
}): void {
	test(
		"CRC-32C and CRC-32 are those of their definition, in random cases",
		seeded(async (random) => {
			const core = await loadedCore();
			for (let count = 0; count < TEXTS; count += 1) {
				const text = randomText(core, random);
				for (const _ of sharedRounds(CASES / TEXTS, "cases of a checksum")) {
					const length = randomLength(random);
					checkRun(text, random.integer(0, TEXT_SIZE - length + 1), length);
				}
			}
		}),
	);

	test(
		"CRC-32C and CRC-32 are those of their definition at every length to 4,200 bytes from every offset modulo 16",
		seeded(async (random) => {
			const text = randomText(await loadedCore(), random);
			for (let length = 0; length <= LENGTHS; length += 1) {
				const start = 16 * random.integer(0, 1024);
				for (let offset = 0; offset < 16; offset += 1) {
					checkRun(text, start + offset, length);
				}
			}
		}),
	);
}

function loadedCore(): Promise<Core> {
	return Core.load(4 * TEXT_SIZE);
}

function randomText(core: Core, random: Random): Text {
	const address = Math.ceil(core.heapBase / 16) * 16;
	const bytes = random.bytes(TEXT_SIZE);
	core.write(address, bytes);
	return {
		core,
		address,
		castagnoli: prefixes(CASTAGNOLI, bytes),
		iso: prefixes(ISO_HDLC, bytes),
	};
}

function prefixes(polynomial: number, bytes: Uint8Array): Uint32Array {
	const crcs = new Uint32Array(bytes.length + 1);
	let crc = 0;
	for (let length = 1; length <= bytes.length; length += 1) {
		crc = bitwiseCrc(polynomial, bytes.subarray(length - 1, length), crc);
		crcs[length] = crc;
	}
	return crcs;
}

function randomLength(random: Random): number {
	return random.chance(0.001)
		? random.integer(0, TEXT_SIZE + 1)
		: random.integer(0, random.pick(SCALES));
}

function checkRun(text: Text, start: number, length: number): void {
	const { core, castagnoli, iso } = text;
	const address = text.address + start;
	const end = start + length;
	const crc32c = core.checksums.crc32c(address, length, castagnoli[start]);
	const crc32 = core.checksums.crc32(address, length, iso[start]);
	if (crc32c !== castagnoli[end] || crc32 !== iso[end]) {
		assert.deepEqual(
			{ crc32c, crc32 },
			{ crc32c: castagnoli[end] ?? 0, crc32: iso[end] ?? 0 },
			`${length} bytes from ${start} on`,
		);
	}
}
