import { assert } from "chai";
import type { Codec } from "../../../src/codec/codec.ts";
import * as codec from "../../../src/codec/index.ts";
import { StorageError } from "../../../src/errors.ts";
import { assertSame } from "../../support/runs/bytes.ts";
import { type Random, seeded } from "../../support/runs/prng.ts";
import { sharedRounds } from "../../support/runs/share.ts";
import type { Suite } from "../../support/runs/suite.ts";

const VALUES = 2000;
const MUTATIONS = 8;
/** So many that some are refused and some are not. */
const LEAST = 100;
const WHAT = "random values of codecs";

const EVENT = codec.struct({
	id: codec.u64,
	small: codec.tuple(codec.u8, codec.u16, codec.u32),
	signed: codec.tuple(codec.i8, codec.i16, codec.i32, codec.i64),
	isLast: codec.bool,
	counts: codec.tuple(codec.uvarint16, codec.uvarint32, codec.uvarint64),
	moves: codec.tuple(codec.svarint16, codec.svarint32, codec.svarint64),
	digest: codec.fixedBytes(4),
	payload: codec.bytes({ max: 300 }),
	name: codec.string({ max: 60 }),
	tags: codec.array(codec.option(codec.string({ min: 1, max: 16 })), {
		max: 5,
	}),
});
const FLOATS = codec.tuple(codec.f32, codec.f64);

export function canonicalRows({ test }: Suite): void {
	test(
		"what is encoded is decoded to the same value",
		seeded((random) => {
			for (const _ of sharedRounds(VALUES, WHAT, LEAST)) {
				const value = event(random);
				const encoded = codec.encode(EVENT, value);
				assert.equal(encoded.length, EVENT.sizeOf(value));
				assert.deepEqual(codec.decode(EVENT, encoded), value);
				const floats = [float32(random), float64(random)] as const;
				assert.deepEqual(
					codec.decode(FLOATS, codec.encode(FLOATS, floats)),
					floats,
				);
			}
		}),
	);

	test(
		"whatever is done to its bytes, they are refused, or a value whose bytes they are",
		seeded((random) => {
			let refused = 0;
			let tried = 0;
			for (const _ of sharedRounds(VALUES, WHAT, LEAST)) {
				tried += MUTATIONS;
				const encoded = codec.encode(EVENT, event(random));
				for (let turn = 0; turn < MUTATIONS; turn += 1) {
					const bytes = mutated(encoded, random);
					refused += isCanonical(EVENT, bytes) ? 0 : 1;
				}
			}
			assert.isAbove(refused, tried / MUTATIONS);
			assert.isBelow(refused, tried);
		}),
	);

	test(
		"any bytes are refused as a varint, or are the one encoding of its value",
		seeded((random) => {
			for (const _ of sharedRounds(3 * VALUES, WHAT, LEAST)) {
				const bytes = random.bytes(random.integer(0, 12));
				for (let at = 0; at < bytes.length - 1; at += 1) {
					bytes[at] = (bytes[at] ?? 0) | (random.chance(0.9) ? 0x80 : 0);
				}
				for (const of of [codec.uvarint16, codec.uvarint32, codec.svarint32]) {
					isCanonical(of, bytes);
				}
				isCanonical(codec.uvarint64, bytes);
				isCanonical(codec.svarint64, bytes);
			}
		}),
	);
}

/** Whether the bytes are a value; its encoding is then the same. */
function isCanonical<T>(of: Codec<T>, bytes: Uint8Array): boolean {
	let value: T;
	try {
		value = codec.decode(of, bytes);
	} catch (error) {
		assert.instanceOf(error, StorageError);
		assert.equal(error.code, "ERR_CODEC");
		assert.isAtMost(error.place.offset ?? bytes.length + 1, bytes.length);
		return false;
	}
	assertSame(codec.encode(of, value), bytes);
	return true;
}

function mutated(bytes: Uint8Array, random: Random): Uint8Array {
	const copy = bytes.slice();
	const at = random.integer(0, copy.length);
	const kind = random.integer(0, 4);
	if (kind === 0) {
		copy[at] = (copy[at] ?? 0) ^ (1 << random.integer(0, 8));
	} else if (kind === 1) {
		copy[at] = random.pick([0, 1, 0x7f, 0x80, 0xff]);
	} else if (kind === 2) {
		return copy.subarray(0, at);
	} else {
		copy.copyWithin(at, random.integer(0, copy.length));
	}
	return copy;
}

function event(random: Random) {
	const varint64 = wide(random);
	return {
		id: wide(random),
		small: [random.integer(0, 256), low(random, 16), low(random, 32)],
		signed: [
			random.integer(-128, 128),
			low(random, 16) - 0x8000,
			random.word() | 0,
			BigInt.asIntN(64, wide(random)),
		],
		isLast: random.chance(0.5),
		counts: [low(random, 16), low(random, 32), varint64],
		moves: [
			low(random, 16) - 0x8000,
			low(random, 32) | 0,
			BigInt.asIntN(64, varint64),
		],
		digest: random.bytes(4),
		payload: random.bytes(random.integer(0, 300)),
		name: text(random, random.integer(0, 15)),
		tags: Array.from({ length: random.integer(0, 6) }, () =>
			random.chance(0.3) ? undefined : text(random, random.integer(1, 5)),
		),
	} as const;
}

/** A number of up to so many bits, small and large ones equally often. */
function low(random: Random, bits: number): number {
	return Math.floor(random.word() / 2 ** random.integer(32 - bits, 33));
}

function wide(random: Random): bigint {
	const word = (BigInt(random.word()) << 32n) | BigInt(random.word());
	return word >> BigInt(random.integer(0, 65));
}

function text(random: Random, length: number): string {
	const of = ["a", "\0", "ä", "\ufeff", "€", "😀"];
	return Array.from({ length }, () => random.pick(of)).join("");
}

function float32(random: Random): number {
	return Math.fround((random.word() - 2 ** 31) * 2 ** random.integer(-99, 90));
}

function float64(random: Random): number {
	return (random.word() / 7 - 2 ** 28) * 2 ** random.integer(-900, 900);
}
