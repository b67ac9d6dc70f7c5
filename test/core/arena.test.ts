import { assert } from "chai";
import { expect, test } from "vitest";
import { Arena } from "../../src/core/arena.ts";
import { checkArena } from "../support/hosts/checked-arenas.ts";
import { assertFails } from "../support/runs/failure.ts";
import { type Random, seeded } from "../support/runs/prng.ts";
import { sharedRounds } from "../support/runs/share.ts";

const UNIT = 64;
const UNITS = 64;
const START = 4 * UNIT;
const SIZES = [0, 0, 1, UNIT - 1, UNIT, UNIT + 1, 5 * UNIT, 20 * UNIT];
const ALIGNMENTS = [UNIT, UNIT, UNIT, 2 * UNIT, 8 * UNIT];

/** The same by the simplest means: who has each unit, where the first run of free ones lies that is long enough. */
class ArenaModel {
	readonly #owners = new Array<number | undefined>(UNITS).fill(undefined);

	get freeBytes(): number {
		const free = this.#owners.filter((owner) => owner === undefined);
		return free.length * UNIT;
	}

	allocate(size: number, alignment: number): number | undefined {
		const count = Math.max(1, Math.ceil(size / UNIT));
		for (let first = 0; first + count <= UNITS; first += 1) {
			const address = START + first * UNIT;
			if (address % alignment === 0 && this.#isFree(first, first + count)) {
				this.#owners.fill(address, first, first + count);
				return address;
			}
		}
		return undefined;
	}

	#isFree(first: number, end: number): boolean {
		let unit = first;
		while (unit < end && this.#owners[unit] === undefined) {
			unit += 1;
		}
		return unit === end;
	}

	free(address: number): void {
		for (const [unit, owner] of this.#owners.entries()) {
			if (owner === address) {
				this.#owners[unit] = undefined;
			}
		}
	}
}

test("an allocation of no bytes has an address of its own, and is freed by it", async () => {
	const arena = new Arena(START, START + UNITS * UNIT);
	const free = arena.freeBytes;
	const empty = arena.allocate(0);
	const behind = arena.allocate(0);
	const held = arena.allocate(UNIT);
	assert.notEqual(empty, behind);
	assert.notEqual(behind, held);
	arena.free(empty);
	arena.free(behind);
	arena.free(held);
	checkArena(arena);
	assert.equal(arena.freeBytes, free);
	assert.throws(() => arena.free(held), RangeError, "is not allocated");
});

test(
	"a million random allocations lie where a model has them, none over another, and all of them go back",
	seeded(async (random) => {
		const arena = new Arena(START - 1, START + UNITS * UNIT);
		const model = new ArenaModel();
		const held: number[] = [];
		for (const step of sharedRounds(1_000_000, "calls of an arena")) {
			if (random.integer(0, 100) < 52) {
				allocateBoth(arena, model, held, random);
			} else {
				freeBoth(arena, model, held, random);
			}
			if (step % 1000 === 0) {
				expect(arena.freeBytes).toBe(model.freeBytes);
			}
		}
		for (const address of held) {
			arena.free(address);
		}
		expect(arena.freeBytes).toBe(UNITS * UNIT);
		await assertFails("ERR_MEMORY", () => arena.allocate(UNITS * UNIT + 1));
	}),
	300_000,
);

function allocateBoth(
	arena: Arena,
	model: ArenaModel,
	held: number[],
	random: Random,
): void {
	const size = random.pick(SIZES);
	const alignment = random.pick(ALIGNMENTS);
	const expected = model.allocate(size, alignment);
	if (expected === undefined) {
		assert.throws(() => arena.allocate(size, alignment), "memory is full");
		return;
	}
	held.push(expected);
	const address = arena.allocate(size, alignment);
	if (address !== expected) {
		expect({ size, alignment, address }).toEqual({ address: expected });
	}
}

function freeBoth(
	arena: Arena,
	model: ArenaModel,
	held: number[],
	random: Random,
): void {
	const index = random.integer(0, Math.max(1, held.length));
	const address = held[index];
	if (address === undefined) {
		assert.throws(() => arena.free(START), RangeError);
		return;
	}
	held[index] = held.at(-1) ?? address;
	held.pop();
	arena.free(address);
	model.free(address);
}
