import { afterEach, beforeEach, expect, test } from "vitest";
import { Core } from "../../src/core/core.ts";
import { ManifestCore } from "../../src/core/manifest.ts";
import {
	guidOf,
	mappingOf,
	SLOT_MAX,
} from "../support/oracles/manifest-oracle.ts";
import { pattern, toHex } from "../support/runs/bytes.ts";
import { type Random, seeded } from "../support/runs/prng.ts";
import { sharedRounds, shareOf } from "../support/runs/share.ts";

const FEW_OPERATIONS = 300_000;
const MANY_OPERATIONS = 700_000;
const UNTOUCHED = 0xa5;

const unseeded = Math.random;
const core = await Core.load(16 * 1024 * 1024);
const { manifest } = core;
const MAPPING = core.heapBase;
const MAPPINGS = MAPPING + 64;
/** Two places for tables, each with room for the largest and for a guard behind it. */
const TABLES = MAPPINGS + 1024 * 1024;
const TABLE_ROOM = 1024 * 1024;
const CELLS_MAX = 16_384;

beforeEach(() => {
	core.bytes(MAPPING, core.memoryBytes - MAPPING).fill(UNTOUCHED);
});

afterEach(() => {
	Math.random = unseeded;
});

/** The map beside the manifest that should hold the same. Every failure says which operation it was. */
class Pair {
	readonly #guids: readonly Uint8Array[];
	readonly #slots = new Map<number, bigint>();
	readonly #indexes: ReadonlyMap<string, number>;
	#table = TABLES;
	#cells: number;
	#cellsMax: number;

	constructor(guids: readonly Uint8Array[], cells: number) {
		this.#guids = guids;
		this.#indexes = new Map(guids.map((guid, index) => [toHex(guid), index]));
		this.#cells = cells;
		this.#cellsMax = cells;
		this.#untouch();
		manifest.initialize(this.#table, cells);
	}

	get size(): number {
		return this.#slots.size;
	}

	get isFull(): boolean {
		return this.size === ManifestCore.roomOf(this.#cells);
	}

	put(index: number, slot: bigint): void {
		this.#write(index, slot);
		const before = manifest.put(this.#table, MAPPING);
		this.#expect(before, index, "put");
		this.#slots.set(index, slot);
	}

	remove(index: number): void {
		this.#write(index, SLOT_MAX);
		this.#expect(manifest.remove(this.#table, MAPPING), index, "remove");
		this.#slots.delete(index);
	}

	find(index: number): void {
		this.#write(index, SLOT_MAX);
		this.#expect(manifest.find(this.#table, MAPPING), index, "find");
	}

	has(index: number): boolean {
		return this.#slots.has(index);
	}

	/** Into a table of so many cells in the other place. */
	move(cells: number): void {
		const to = 2 * TABLES + TABLE_ROOM - this.#table;
		manifest.initialize(to, cells);
		manifest.move(this.#table, to);
		this.#table = to;
		this.#cells = cells;
		this.#cellsMax = Math.max(cells, this.#cellsMax);
	}

	/** All that the manifest holds, each GUID once, and nothing else. */
	compare(): void {
		const count = manifest.copyMappings(this.#table, MAPPINGS, "any");
		if (count !== this.size || count !== manifest.size(this.#table)) {
			expect.fail(`${count} mappings, not ${this.size}`);
		}
		const view = new DataView(core.bytes(MAPPINGS, count * 24).slice().buffer);
		const seen = new Set<number>();
		for (let at = 0; at < count * 24; at += 24) {
			const guid = toHex(new Uint8Array(view.buffer, at, 16));
			const index = this.#indexes.get(guid) ?? -1;
			const slot = view.getBigUint64(at + 16, true);
			if (seen.has(index) || this.#slots.get(index) !== slot) {
				expect.fail(`${guid} in slot ${slot}`);
			}
			seen.add(index);
		}
	}

	/** Nothing but cells was written, where the last and the largest table were. */
	isWithin(): boolean {
		return this.#behind().every((bytes) =>
			bytes.every((byte) => byte === UNTOUCHED),
		);
	}

	#untouch(): void {
		for (const bytes of this.#behind()) {
			bytes.fill(UNTOUCHED);
		}
	}

	#behind(): Uint8Array[] {
		const length = ManifestCore.tableBytes(this.#cellsMax);
		return [TABLES, TABLES + TABLE_ROOM].map((table) =>
			core.bytes(table + length, 512),
		);
	}

	#write(index: number, slot: bigint): void {
		core.write(MAPPING, mappingOf(this.#guids[index] ?? guidOf(0), slot));
	}

	#expect(found: bigint | undefined, index: number, call: string): void {
		if (found !== this.#slots.get(index)) {
			expect.fail(
				`${call} of GUID ${index} of ${this.#guids.length} answers ${found}, not ${this.#slots.get(index)}`,
			);
		}
	}
}

/** The hash's seed comes from the test's, that a failure comes back. */
function seedTables(random: Random): void {
	Math.random = () => random.word() / 2 ** 32;
}

/** GUIDs whose bytes are the same but for a few of them: the low ones, the high ones, or any. */
function alikeGuids(count: number, random: Random): Uint8Array[] {
	const shape = random.integer(0, 4);
	const base = shape === 3 ? new Uint8Array(16) : random.bytes(16);
	return Array.from({ length: count }, (_, index) => {
		const guid = base.slice();
		const view = new DataView(guid.buffer);
		if (shape < 2) {
			view.setUint32(shape === 0 ? 0 : 12, index);
		} else {
			view.setUint32(random.pick([4, 8]), index);
			view.setUint32(12, index);
		}
		return guid;
	});
}

test(
	"few GUIDs in few cells, put, removed and found in any order, are those of a Map after each operation",
	seeded((random) => {
		seedTables(random);
		let pair = new Pair([], 4);
		let guids: Uint8Array[] = [];
		for (const round of sharedRounds(
			FEW_OPERATIONS,
			"operations of a map of few GUIDs",
		)) {
			if (round % 500 === 0) {
				expect(pair.isWithin()).toBe(true);
				guids = alikeGuids(random.integer(1, 24), random);
				pair = new Pair(guids, random.pick([4, 8, 16]));
			}
			operate(pair, random.integer(0, guids.length), random);
			if (round % 4 === 0) {
				pair.compare();
			}
		}
	}),
);

function operate(pair: Pair, index: number, random: Random): void {
	const choice = random.integer(0, 10);
	if (choice < 5 && (!pair.isFull || pair.has(index))) {
		pair.put(index, BigInt(random.word()) << BigInt(random.integer(0, 33)));
	} else if (choice < 8) {
		pair.remove(index);
	} else {
		pair.find(index);
	}
}

test(
	"many GUIDs that differ in few bits are those of a Map while they come and go, and through every move to more cells or fewer",
	seeded((random) => {
		seedTables(random);
		const guids = alikeGuids(12_000, random);
		let cells = 16;
		const pair = new Pair(guids, cells);
		for (const round of sharedRounds(
			MANY_OPERATIONS,
			"operations of a map of many GUIDs",
		)) {
			if (pair.isFull) {
				cells *= 2;
				pair.move(cells);
			}
			operate(pair, random.integer(0, guids.length), random);
			if (round % 50_000 === 0) {
				pair.compare();
			}
		}
		expect(cells).toBe(shareOf(MANY_OPERATIONS) > 100_000 ? CELLS_MAX : cells);
		expect(pair.isWithin()).toBe(true);
		for (let index = 0; index < guids.length; index += 1) {
			pair.remove(index);
		}
		expect(pair.size).toBe(0);
		pair.move(4);
		pair.compare();
	}),
);

test(
	"a manifest as full as it may be still finds what it has, and what it has not, whoever is taken out first",
	seeded((random) => {
		seedTables(random);
		for (let round = 0; round < 500; round += 1) {
			const cells = random.pick([4, 8, 32]);
			const guids = alikeGuids(cells + 8, random);
			const pair = new Pair(guids, cells);
			const room = ManifestCore.roomOf(cells);
			for (let index = 0; index < room; index += 1) {
				pair.put(index, BigInt(index));
			}
			const order = random.shuffle(Array.from({ length: room }, (_, at) => at));
			for (const gone of order) {
				pair.remove(gone);
				pair.compare();
				for (let index = 0; index < guids.length; index += 1) {
					pair.find(index);
				}
			}
		}
	}),
);

test("a quarter of the cells stays free: a new GUID beyond that is refused, and nothing is changed", () => {
	for (const cells of [4, 8, 16, 1024]) {
		manifest.initialize(TABLES, cells);
		const room = ManifestCore.roomOf(cells);
		expect(room).toBe((cells * 3) / 4);
		for (let index = 0; index <= room; index += 1) {
			const guid = pattern(16);
			new DataView(guid.buffer).setUint32(0, index);
			core.write(MAPPING, mappingOf(guid, 1n));
			if (index < room) {
				expect(manifest.put(TABLES, MAPPING)).toBe(undefined);
			}
		}
		const table = core.bytes(TABLES, ManifestCore.tableBytes(cells) + 64);
		const before = table.slice();
		expect(() => manifest.put(TABLES, MAPPING)).toThrow("without room");
		expect(Buffer.compare(table, before)).toBe(0);
		expect(manifest.find(TABLES, MAPPING)).toBe(undefined);
	}
});

test("no manifest has so few cells that none would stay free, or a number of them that is no power of two", () => {
	for (const cells of [0, 1, 2, 3, 5, 6, 12, 1000]) {
		expect(() => manifest.initialize(TABLES, cells), `${cells}`).toThrow();
		expect(core.bytes(TABLES, 64).every((byte) => byte === UNTOUCHED)).toBe(
			true,
		);
	}
});

test("an empty manifest has no GUID, not even that of zeros, and no slot was given out; whatever its bytes were before", () => {
	manifest.initialize(TABLES, 8);
	expect(manifest.size(TABLES)).toBe(0);
	expect(manifest.nextSlot(TABLES)).toBe(0n);
	for (const byte of [0, 1, UNTOUCHED]) {
		core.write(MAPPING, guidOf(byte));
		expect(manifest.find(TABLES, MAPPING)).toBe(undefined);
		expect(manifest.remove(TABLES, MAPPING)).toBe(undefined);
	}
	core.write(MAPPING, mappingOf(guidOf(0), 0n));
	expect(manifest.put(TABLES, MAPPING)).toBe(undefined);
	expect(manifest.find(TABLES, MAPPING)).toBe(0n);
});

test("the next slot is of 64 bits, moves along, and is not changed by mappings", () => {
	for (const slot of [0n, 1n, 2n ** 53n + 1n, 2n ** 63n, SLOT_MAX]) {
		const larger = TABLES + 4096;
		manifest.initialize(TABLES, 8);
		manifest.setNextSlot(TABLES, slot);
		core.write(MAPPING, mappingOf(guidOf(1), SLOT_MAX - 1n));
		manifest.put(TABLES, MAPPING);
		manifest.initialize(larger, 16);
		manifest.move(TABLES, larger);
		expect(manifest.nextSlot(larger)).toBe(slot);
		expect(manifest.find(larger, MAPPING)).toBe(SLOT_MAX - 1n);
	}
});

test("where GUIDs lie is not the same in two manifests: which of them collide cannot be foreseen", () => {
	const orders = new Set<string>();
	for (let round = 0; round < 20; round += 1) {
		manifest.initialize(TABLES, 64);
		for (let byte = 0; byte < 8; byte += 1) {
			core.write(MAPPING, mappingOf(guidOf(byte), BigInt(byte)));
			manifest.put(TABLES, MAPPING);
		}
		manifest.copyMappings(TABLES, MAPPINGS, "any");
		orders.add(toHex(core.bytes(MAPPINGS, 8 * 24)));
	}
	expect(orders.size).toBeGreaterThan(10);
});
