import { assert } from "chai";
import { StorageError } from "../../../src/errors.ts";
import { FaultyHost } from "../../../src/host/faulty.ts";
import type { Host } from "../../../src/host/host.ts";
import { PackedStore } from "../../../src/packed/packed-store.ts";
import { type Random, seeded } from "../../support/runs/prng.ts";
import { hostTest, type Suite } from "../../support/runs/suite.ts";
import { guidOf } from "../../support/stores/packed-files.ts";
import { frameOf, SMALL, valueIn } from "../../support/stores/packed-store.ts";

const STEPS = 30;
const GUIDS = 4;
const FAULTS = [
	{ write: 1 },
	{ write: 1, partialWrite: 1 },
	{ resize: 1 },
	{ sync: 1 },
	{ write: 0.5, partialWrite: 0.5, resize: 0.5, sync: 0.5 },
];

export function randomFaultRows(suite: Suite): void {
	hostTest(suite)(
		"random writes, deletions and flushes, some of which fail, leave what was flushed, or what came since",
		(host) => seeded((random) => new FaultyScript(host, random).run())(),
	);
}

/** A store, its known content, and the possible content after a crash. */
class FaultyScript {
	readonly #host: FaultyHost;
	readonly #random: Random;
	/** The values of frames by GUID, after the calls that resolved. */
	readonly #frames = new Map<number, number>();
	/** The values by GUID that a crash may leave, undefined for none. */
	readonly #findable = new Map<number, Set<number | undefined>>();
	#last = 0;

	constructor(host: Host, random: Random) {
		this.#host = new FaultyHost(host, random.seed);
		this.#random = random;
	}

	async run(): Promise<void> {
		let store = await this.#open();
		for (let step = 0; step < STEPS; step += 1) {
			this.#host.rates =
				this.#random.integer(0, 3) === 0 ? this.#random.pick(FAULTS) : {};
			const isLatched = await this.#step(store);
			this.#host.rates = {};
			if (isLatched || this.#random.integer(0, 6) === 0) {
				await store.drop();
				store = await this.#open();
				await this.#adopt(store);
			}
			await this.#check(store);
		}
		await store.drop();
	}

	#open(): Promise<PackedStore> {
		return PackedStore.open(this.#host, SMALL);
	}

	/** Returns whether the store has to be opened again. */
	async #step(store: PackedStore): Promise<boolean> {
		const guid = this.#random.integer(0, GUIDS);
		const kind = this.#random.integer(0, 6);
		try {
			if (kind < 3) {
				this.#last += 1;
				await store.write(guidOf(guid), frameOf(this.#last));
				this.#change(guid, this.#last);
			} else if (kind === 3) {
				await store.delete(guidOf(guid));
				this.#change(guid, undefined);
			} else {
				await store.flush();
				this.#findable.clear();
			}
			return false;
		} catch (error) {
			assert.instanceOf(error, StorageError, String(error));
			return error.code !== "ERR_WRITE_FAILED";
		}
	}

	#change(guid: number, value: number | undefined): void {
		const findable =
			this.#findable.get(guid) ?? new Set([this.#frames.get(guid)]);
		this.#findable.set(guid, findable.add(value));
		if (value === undefined) {
			this.#frames.delete(guid);
		} else {
			this.#frames.set(guid, value);
		}
	}

	/** Each GUID has after a crash one of its values since the last flush. */
	async #adopt(store: PackedStore): Promise<void> {
		for (const [guid, findable] of this.#findable) {
			const found = await valueIn(store, guid);
			assert.include([...findable], found, `GUID ${guid}`);
			this.#frames.delete(guid);
			if (found !== undefined) {
				this.#frames.set(guid, found);
			}
		}
		this.#findable.clear();
	}

	/** Checks which GUIDs have a frame, and one frame's value. */
	async #check(store: PackedStore): Promise<void> {
		const guids = store.list().map(([guid = 0]) => guid);
		assert.sameMembers(guids, [...this.#frames.keys()]);
		const guid = this.#random.integer(0, GUIDS);
		const found = await valueIn(store, guid);
		assert.equal(found, this.#frames.get(guid), `GUID ${guid}`);
	}
}
