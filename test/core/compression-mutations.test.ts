import { assert } from "chai";
import { test } from "vitest";
import { StorageError } from "../../src/errors.ts";
import { CompressedForm } from "../../src/forms/compressed-form.ts";
import { BytesForm } from "../../src/forms/form.ts";
import type { Zstd, ZstdFrame } from "../../src/host/zstd.ts";
import { framedZeros } from "../support/oracles/zstd-frames.ts";
import { ZSTDS } from "../support/oracles/zstds.ts";
import { joined } from "../support/runs/bytes.ts";
import { type Random, seeded } from "../support/runs/prng.ts";
import { sharedRounds, shareOf } from "../support/runs/share.ts";

const LIMIT = 20_000;
const MUTATIONS = 100_000;
const MINUTES = 60_000;

for (const [name, zstd] of ZSTDS) {
	test(
		`no mutation of a compressed item has ${name} trap, hang, give more than is allowed or anything but an error with its place`,
		seeded((random) => mutate(random, zstd)),
		10 * MINUTES,
	);
}

function mutate(random: Random, zstd: Zstd): void {
	const meter = new MeteredZstd(zstd);
	const form = new CompressedForm(new BytesForm(), {
		...{ zstd: meter, level: 3, sizeMax: LIMIT, partition: "items" },
		tooLarge: () => new StorageError("ERR_ITEM_TOO_LARGE", ""),
	});
	const frames = samples(random, zstd);
	let refused = 0;
	for (const _ of sharedRounds(MUTATIONS, "mutations of a compressed item")) {
		const bytes = mutated(random, random.pick(frames));
		try {
			assert.isAtMost(form.read(bytes, 1n, 2).length, LIMIT);
		} catch (error) {
			assert.instanceOf(error, StorageError);
			assert.equal(error.code, "ERR_DECOMPRESSION");
			assert.include(error.place, { partition: "items", offset: 2 });
			refused += 1;
		}
	}
	assert.isAtMost(meter.mostAsked, LIMIT);
	assert.isAbove(refused, shareOf(MUTATIONS) / 4);
	// What was refused has left nothing behind that others would meet.
	for (const frame of frames) {
		assert.isAtMost(form.read(frame, 1n, 2).length, LIMIT);
	}
}

function samples(random: Random, zstd: Zstd): Uint8Array[] {
	const text = new TextEncoder().encode("to be or not to be, ".repeat(40));
	const contents = [
		new Uint8Array(),
		random.bytes(50),
		text,
		joined(text, random.bytes(300), text),
		new Uint8Array(LIMIT),
		Uint8Array.from({ length: LIMIT }, (_, at) => (at * at) % 251),
	];
	return [
		...contents.flatMap((content) =>
			[1, 3, 19].map((level) => zstd.compress(content, level)),
		),
		framedZeros(LIMIT),
		framedZeros(LIMIT, { says: LIMIT, window: 20 }),
	];
}

/** Some of: bits flipped, bytes set, cut out, put in, cut off, or put behind. */
function mutated(random: Random, frame: Uint8Array): Uint8Array {
	const bytes = frame.slice();
	// Headers decide most: they are met more often than their share of the bytes.
	const at = () =>
		random.integer(0, random.pick([Math.min(16, bytes.length), bytes.length]));
	for (let left = random.integer(1, 4); left > 0; left -= 1) {
		const place = at();
		bytes[place] =
			random.integer(0, 2) === 0
				? (bytes[place] ?? 0) ^ (1 << random.integer(0, 8))
				: random.integer(0, 256);
	}
	switch (random.integer(0, 8)) {
		case 0:
			return bytes.subarray(0, at());
		case 1:
			return joined(bytes, random.bytes(random.integer(1, 9)));
		case 2:
			return joined(bytes.subarray(0, at()), bytes.subarray(at()));
		default:
			return bytes;
	}
}

/** Notes the most that was ever asked of a decompressor. */
class MeteredZstd implements Zstd {
	readonly #zstd: Zstd;
	mostAsked = 0;

	constructor(zstd: Zstd) {
		this.#zstd = zstd;
	}

	compress(bytes: Uint8Array, level: number): Uint8Array {
		return this.#zstd.compress(bytes, level);
	}

	decompress(frame: ZstdFrame, limit: number): Uint8Array {
		const most = Math.min(frame.contentSize ?? frame.most, limit);
		this.mostAsked = Math.max(this.mostAsked, most);
		return this.#zstd.decompress(frame, limit);
	}
}
