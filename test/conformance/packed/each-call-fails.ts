import { assert } from "chai";
import { StorageError } from "../../../src/errors.ts";
import type { Host } from "../../../src/host/host.ts";
import type { PackedStoreOptions } from "../../../src/packed/options.ts";
import { PackedStore } from "../../../src/packed/packed-store.ts";
import {
	type CallFault,
	type FailingCalls,
	failingFrom,
} from "../../support/hosts/failing-calls.ts";
import { InterceptedHost } from "../../support/hosts/intercepted-host.ts";
import { emptyRaw, writeRaw } from "../../support/hosts/raw-file.ts";
import { DISK_FULL, KERNEL_ERROR } from "../../support/runs/failure.ts";
import { chosenSeed } from "../../support/runs/prng.ts";
import { callsInTurn, SHARE } from "../../support/runs/share.ts";
import { hostTest, type Suite } from "../../support/runs/suite.ts";
import {
	FRAMES_PATH,
	guidOf,
	LOG_PATH,
	longLog,
} from "../../support/stores/packed-files.ts";
import { frameOf, SMALL, valueIn } from "../../support/stores/packed-store.ts";

/** Frames and the rest, and little to clear for each session. */
const MEMORY = 4 * 1024 * 1024;

/**
 * In memory, where all is run, each call fails; else one in so many, from a random one on: every
 * host has the same calls.
 */
const STRIDE = 5;

const FAULTS: readonly CallFault[] = [
	{ error: DISK_FULL, done: "nothing", lasts: "once" },
	{ error: DISK_FULL, done: "part", lasts: "once" },
	{ error: DISK_FULL, done: "part", lasts: "on" },
	{ error: KERNEL_ERROR, done: "part", lasts: "once" },
];

/** The steps of a session, each a promise of its own. */
interface Script {
	readonly what: string;
	/** The content before the session. */
	readonly prepare: (host: Host) => Promise<void>;
	readonly before: readonly (readonly [guid: number, frame: number])[];
	readonly steps: readonly ((session: Session) => Promise<unknown>)[];
}

const SCRIPTS: readonly Script[] = [
	{
		what: "a session",
		prepare: async () => undefined,
		before: [],
		steps: [
			(session) => session.write([1, 1], [2, 2]),
			(session) => session.flush(),
			(session) => session.write([1, 3]),
			(session) => session.delete(2),
			(session) => session.write([3, 4], [4, 5]),
			(session) => session.flush(),
			(session) => session.write([3, 6]),
		],
	},
	{
		what: "a session that folds up its log",
		prepare: async (host) => {
			await writeRaw(host, FRAMES_PATH, frameOf(1));
			await writeRaw(host, LOG_PATH, longLog());
		},
		before: [[1, 1]],
		steps: [
			(session) => session.write([2, 2]),
			(session) => session.flush(),
			(session) => session.write([1, 3], [3, 3]),
		],
	},
];

/**
 * Each call of a session that changes a file or a name fails in turn, in part or as a whole, once
 * or from then on.
 */
export function eachCallRows(suite: Suite): void {
	const stride = SHARE === 1 && suite.host === "memory" ? 1 : STRIDE;

	for (const rewrite of ["shadow", "in-place"] as const) {
		for (const script of SCRIPTS) {
			hostTest(suite)(
				`${rewrite}: whichever call to the host fails in ${script.what}, the store goes on or is latched, and the next open finds all that was flushed`,
				async (host) => {
					for (const fault of FAULTS) {
						for (const from of callsInTurn(stride)) {
							const nth = from + (chosenSeed() % stride);
							await emptyRaw(host);
							const session = new Session(host, rewrite, script.before);
							await script.prepare(host);
							const calls = failingFrom(nth, fault);
							await session.run(script, calls);
							if (calls.failed === undefined) {
								assert.isAbove(nth, 20, "calls that failed");
								break;
							}
						}
					}
				},
				300_000,
			);
		}
	}
}

/** A store, its known content, and the possible content of the next open. */
class Session {
	readonly #host: InterceptedHost;
	readonly #options: PackedStoreOptions;
	readonly #isInPlace: boolean;
	/** The values of frames by GUID, after the calls that resolved. */
	readonly #frames: Map<number, number>;
	/** The values by GUID that a crash may leave, undefined for none. */
	readonly #findable = new Map<number, Set<number | undefined>>();
	/** GUIDs whose frames were overwritten in place since the last flush. */
	readonly #overwritten = new Set<number>();
	#store: PackedStore | undefined;
	#where = "";

	constructor(
		host: Host,
		rewrite: "shadow" | "in-place",
		before: Script["before"],
	) {
		this.#host = new InterceptedHost(host);
		this.#options = { ...SMALL, rewrite, checksums: true, memory: MEMORY };
		this.#isInPlace = rewrite === "in-place";
		this.#frames = new Map(before);
	}

	async run({ steps }: Script, calls: FailingCalls): Promise<void> {
		this.#host.hooks = calls.hooks;
		let failures = await this.#try(calls, () => this.#open());
		for (const step of failures === 0 ? steps : []) {
			const hasFailed = await this.#try(calls, () => step(this));
			failures += hasFailed;
			if (hasFailed) {
				await this.#assertLive();
			}
		}
		if (failures === 0) {
			failures += await this.#try(calls, () => this.#close());
		}
		this.#where += calls.failed ?? "";
		this.#host.hooks = {};
		if (calls.failed === undefined) {
			assert.equal(failures, 0);
		}
		await this.#goOn();
		await this.#assertReopened();
	}

	async write(
		...writes: readonly (readonly [guid: number, frame: number])[]
	): Promise<void> {
		for (const [guid] of this.#isInPlace ? writes : []) {
			if (this.#frames.has(guid)) {
				this.#overwritten.add(guid);
			}
		}
		await this.#opened.writeMany(
			writes.map(([guid, frame]) => [guidOf(guid), frameOf(frame)] as const),
		);
		for (const [guid, frame] of writes) {
			this.#change(guid, frame);
		}
	}

	async delete(guid: number): Promise<void> {
		await this.#opened.delete(guidOf(guid));
		this.#change(guid, undefined);
	}

	async flush(): Promise<void> {
		await this.#opened.flush();
		this.#flushed();
	}

	get #opened(): PackedStore {
		if (this.#store === undefined) {
			throw new TypeError("no store is open");
		}
		return this.#store;
	}

	async #open(): Promise<void> {
		this.#store = await PackedStore.open(this.#host, this.#options);
		const { changedOutside = [] } = this.#store.recovery;
		assert.deepEqual(changedOutside, [], this.#where);
	}

	async #close(): Promise<void> {
		const store = this.#opened;
		this.#store = undefined;
		await store.close();
		this.#flushed();
	}

	#change(guid: number, frame: number | undefined): void {
		const findable =
			this.#findable.get(guid) ?? new Set([this.#frames.get(guid)]);
		this.#findable.set(guid, findable.add(frame));
		if (frame === undefined) {
			this.#frames.delete(guid);
		} else {
			this.#frames.set(guid, frame);
		}
	}

	#flushed(): void {
		this.#findable.clear();
		this.#overwritten.clear();
	}

	/**
	 * Returns how many calls failed, each with the host's failure or with a latched store's error.
	 */
	async #try(
		calls: FailingCalls,
		call: () => Promise<unknown>,
	): Promise<0 | 1> {
		try {
			await call();
			return 0;
		} catch (error) {
			const where = `${calls.failed}: ${error}`;
			assert.instanceOf(error, StorageError, where);
			assert.include([DISK_FULL, KERNEL_ERROR], rootOf(error), where);
			return 1;
		}
	}

	/** After any failure, the store has what its calls have left. */
	async #assertLive(): Promise<void> {
		const store = this.#opened;
		const guids = store.list().map(([guid = 0]) => guid);
		assert.sameMembers(guids, [...this.#frames.keys()], this.#where);
		for (const [guid, frame] of this.#frames) {
			if (!this.#overwritten.has(guid)) {
				assert.equal(await valueIn(store, guid), frame, this.#where);
			}
		}
	}

	/**
	 * When there is room again a store writes and flushes, unless it is latched; then it refuses
	 * every change.
	 */
	async #goOn(): Promise<void> {
		if (this.#store === undefined) {
			return;
		}
		try {
			await this.write([9, 9]);
		} catch (error) {
			assert.propertyVal(error, "code", "ERR_POISONED", this.#where);
			await this.#store.drop();
			return;
		}
		await this.flush();
		await this.#assertLive();
		await this.#store.drop();
	}

	/** It opens, with flushed or later content, and once more after a clean close. */
	async #assertReopened(): Promise<void> {
		await this.#open();
		for (const guid of [1, 2, 3, 4, 9]) {
			const findable = this.#findable.get(guid) ?? [this.#frames.get(guid)];
			if (!this.#overwritten.has(guid)) {
				const found = await valueIn(this.#opened, guid);
				assert.include([...findable], found, `${this.#where}: GUID ${guid}`);
			}
		}
		const found = this.#opened.list();
		await this.#close();
		await this.#open();
		assert.deepEqual(this.#opened.list(), found, this.#where);
		await this.#opened.drop();
	}
}

function rootOf(error: unknown): unknown {
	return error instanceof StorageError && error.cause !== undefined
		? rootOf(error.cause)
		: error;
}
