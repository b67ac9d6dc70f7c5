import { expect, test } from "vitest";
import { SlotChecksums } from "../../src/packed/frames/slot-checksums.ts";
import { type Random, seeded } from "../support/runs/prng.ts";

const SLOT_LIMIT = 2 ** 34;

/** The same by maps alone. */
class SlowChecksums {
	readonly #crcs = new Map<number, number>();
	readonly #missing: Set<number>;

	constructor(missing: Iterable<number> = []) {
		this.#missing = new Set(missing);
	}

	set(slot: number, crc: number): void {
		this.forget(slot);
		this.#crcs.set(slot, crc);
	}

	forget(slot: number): void {
		this.#crcs.delete(slot);
		this.#missing.delete(slot);
	}

	expectAlike(found: SlotChecksums, slots: Iterable<number>): void {
		const missing = [...this.#missing].sort((one, other) => one - other);
		expect(found.missing).toEqual(missing);
		expect(found.coverage).toEqual({
			...{ covered: this.#crcs.size, uncovered: missing.length },
		});
		for (const slot of slots) {
			const crc = this.#crcs.get(slot);
			const isMissing = this.#missing.has(slot);
			expect(found.expected(slot), `slot ${slot}`).toBe(crc);
			expect(found.isMissing(slot)).toBe(isMissing);
			expect(found.hasFrame(slot)).toBe(isMissing || crc !== undefined);
		}
	}
}

function chanceSlot(random: Random, spread: number): number {
	return random.chance(0.05)
		? random.integer(0, 2 ** 31) * 8
		: random.integer(0, spread);
}

test(
	"checksums of slots that are near each other, and of some that are far, are those of maps",
	seeded((random) => {
		for (let round = 0; round < 60; round += 1) {
			const spread = random.pick([3, 300, 3000, 30_000]);
			const missing = new Set<number>();
			for (let count = random.pick([0, 0, 10, 2000]); count > 0; count -= 1) {
				missing.add(chanceSlot(random, spread));
			}
			const found = new SlotChecksums(Float64Array.from(missing));
			const slow = new SlowChecksums(missing);
			const touched = new Set<number>([0, SLOT_LIMIT - 1, ...missing]);
			slow.expectAlike(found, touched);
			for (let step = 0; step < 1000; step += 1) {
				const slot = chanceSlot(random, spread);
				touched.add(slot).add(slot + 1);
				const change = random.pick(["set", "set", "forget"] as const);
				const crc = random.word();
				found[change](slot, crc);
				slow[change](slot, crc);
			}
			slow.expectAlike(found, touched);
		}
	}),
);

test("slots that follow one another, each far from the first, become near as they come to be many", () => {
	const found = new SlotChecksums(new Float64Array(0));
	const slow = new SlowChecksums();
	const slots = Array.from({ length: 20_000 }, (_, index) => 20_000 + index);
	for (const slot of slots) {
		found.set(slot, slot * 7);
		slow.set(slot, slot * 7);
	}
	slow.expectAlike(found, slots);
});
