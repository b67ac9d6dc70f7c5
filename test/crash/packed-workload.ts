import type { Host } from "../../src/host/host.ts";
import { LOG_PATH } from "../../src/packed/manifest/manifest-log.ts";
import type { PackedStoreOptions } from "../../src/packed/options.ts";
import { PackedStore } from "../../src/packed/packed-store.ts";
import type { CrashLog } from "../support/disks/crash-log.ts";
import { sectorFrame, sectorGuid } from "../support/disks/sector-frames.ts";
import { MortalHost } from "../support/hosts/mortal-host.ts";
import { withFile } from "../support/hosts/raw-file.ts";
import type { Random } from "../support/runs/prng.ts";
import { longLog } from "./long-log.ts";
import {
	type FoundPacked,
	type PackedExpectation,
	type PackedState,
	requireExpectedFrames,
} from "./packed-expectation.ts";
import { loggedPhase, type Phase } from "./power-cuts.ts";

export interface PackedShape {
	readonly rewrite: "shadow" | "in-place";
	readonly checksums: boolean | undefined;
	/** Records that a log, which is there from the start, has room for before it is folded up; undefined where there is none. */
	readonly roomInLog: number | undefined;
	/** Whether the store erases frames; it does not by default. */
	readonly erase?: boolean;
}

export const NOTHING_FOUND: FoundPacked = {
	state: new Map(),
	mixes: undefined,
	foreign: new Set(),
};

/** A change of one GUID: another version, or none. */
interface Change {
	readonly guid: number;
	readonly version: number | undefined;
}

const GUIDS = [0, 1, 2];
const FRAMES = 4;
const MEMORY = 4 * 1024 * 1024;
/** From so many bytes on somebody else may fold the log up. */
const LONG_LOG = 1_000_000;
/** Versions are from 1 on. */
const NO_VERSION = 0;
/** Versions tell their GUIDs, too. */
const VERSION_SHIFT = 8;

/** Of a hundred actions, those up to the number. */
const ACTIONS = [
	[34, "change"],
	[57, "flush"],
	[62, "together"],
	[72, "write synced"],
	[78, "reopen"],
	[90, "kill"],
	[94, "cover"],
	[100, "foreign"],
] as const;

export function openOptions({
	rewrite,
	checksums,
	erase = false,
}: PackedShape): PackedStoreOptions {
	return {
		...{ rewrite, frames: FRAMES, memory: MEMORY, wait: false, erase },
		...(checksums !== undefined && { checksums }),
	};
}

/**
 * A process that does what a seed says with a packed store, and knows at each step of the log what a disk may be found to hold
 * then. It is killed now and then, and starts anew from what it left, durable or not.
 */
export class PackedWorkload {
	readonly phases: Phase<PackedExpectation>[] = [];
	readonly #log: CrashLog;
	readonly #random: Random;
	readonly #shape: PackedShape;
	/** What was flushed, and what each change has made of it. */
	#states: PackedState[] = [];
	#mixes = new Map<number, Set<number>>();
	#foreign = new Set<number>();
	/** Versions that a GUID has no more, once that is flushed, and those that were. */
	#replaced = new Set<number>();
	readonly #erased = new Set<number>();
	/** By default only a store that holds nothing yet gets frames.crc. */
	#hasChecksums: PackedExpectation["hasChecksums"] = "maybe";
	#process: MortalHost;
	#opened: PackedStore | undefined;

	constructor(log: CrashLog, random: Random, shape: PackedShape) {
		this.#log = log;
		this.#random = random;
		this.#shape = shape;
		this.#process = new MortalHost(log);
	}

	/** Goes on from what was found, or from a log that somebody else has left. */
	async begin({ state, mixes, foreign }: FoundPacked): Promise<void> {
		this.#states = [state];
		this.#foreign = new Set(foreign);
		for (const [guid, version] of state) {
			this.#mixes.set(guid, new Set(mixes?.get(guid) ?? [version]));
		}
		const { roomInLog, checksums } = this.#shape;
		const hasLog = (await sizeOf(this.#log, LOG_PATH)) > 0;
		if (roomInLog !== undefined && !hasLog && state.size === 0) {
			await this.#phase("prepare", this.#flushed, () =>
				layLog(this.#log, longLog(roomInLog)),
			);
		}
		this.#hasChecksums = checksums ?? "maybe";
		await this.#open();
	}

	async run(actions: number): Promise<void> {
		for (let count = 0; count < actions; count += 1) {
			await this.#act();
		}
	}

	async end(): Promise<void> {
		await this.#close();
	}

	async #act(): Promise<void> {
		const dice = this.#random.integer(0, 100);
		const action = ACTIONS.find(([bound]) => dice < bound)?.[1] ?? "change";
		switch (action) {
			case "change":
				return this.#change(this.#changes(), false);
			case "write synced":
				return this.#change(this.#changes(), true);
			case "flush":
				return this.#flush();
			case "together":
				return this.#together();
			case "reopen":
				await this.#close();
				return this.#open();
			case "kill":
				return this.#kill();
			case "cover":
				return this.#cover();
			case "foreign":
				return this.#somebodyElse();
		}
	}

	/** A write of one or some frames, or a deletion. */
	#changes(): Change[] {
		const random = this.#random;
		if (random.chance(0.2)) {
			return [{ guid: random.pick(GUIDS), version: undefined }];
		}
		const count = random.pick([1, 1, 1, 2, 3]);
		return Array.from({ length: count }, () => {
			const guid = random.pick(GUIDS);
			const version = (random.word() >>> VERSION_SHIFT) * 4 + guid + 1;
			return { guid, version };
		});
	}

	async #change(changes: readonly Change[], isSynced: boolean): Promise<void> {
		// The log says nothing of it before a flush. In place, the frames themselves do.
		const before = this.#flushedState;
		this.#take(changes);
		await this.#phase("write", this.#expected([before]), () =>
			apply(this.#store, changes, isSynced),
		);
	}

	async #flush(): Promise<void> {
		await this.#phase("flush", this.#pending, () => this.#store.flush());
		this.#hasFlushed();
	}

	/** Changes and flushes that do not wait for each other. */
	async #together(): Promise<void> {
		const [some, others] = [this.#changes(), this.#changes()];
		this.#take(some);
		this.#take(others);
		await this.#phase("flush", this.#pending, async () => {
			await Promise.all([
				apply(this.#store, some, false),
				this.#store.flush(),
				apply(this.#store, others, false),
				this.#store.flush(),
			]);
		});
		this.#hasFlushed();
	}

	/** Dies at some step of a change and a flush, or right after them. */
	async #kill(): Promise<void> {
		const changes = this.#changes();
		this.#take(changes);
		this.#process.dieAfter(this.#random.integer(0, 16));
		await this.#phase("kill", this.#pending, async () => {
			try {
				await apply(this.#store, changes, false);
				await this.#store.flush();
			} catch (error) {
				if (!this.#process.isDead) {
					throw error;
				}
			}
			await this.#process.end();
			await this.#store.drop();
		});
		this.#replaced.clear();
		await this.#open();
	}

	async #cover(): Promise<void> {
		const { mixes } = this.#pending;
		if ([...(mixes?.values() ?? [])].some(({ size }) => size > 1)) {
			// A frame that was torn would count as right from then on.
			return;
		}
		await this.#phase("cover", this.#flushed, async () => {
			await this.#store.coverFrames();
		});
		// What was written and not flushed stands in for the frame of before, which stays as it is.
		if (this.#states.length === 1 && this.#store.checksums !== undefined) {
			this.#foreign.clear();
		}
	}

	/** holt opens the directory, which knows nothing of frames.crc, and does as its releases do. */
	async #somebodyElse(): Promise<void> {
		await this.#close();
		const changes = this.#changes();
		this.#take(changes);
		await this.#phase("foreign", this.#pending, async () => {
			const before = await sizeOf(this.#log, LOG_PATH);
			// A snapshot that is the same as ours, of other frames, could not be told apart.
			const isLong = before > LONG_LOG;
			const store = await PackedStore.open(this.#log, {
				...openOptions(this.#shape),
				...{ checksums: false, verdicts: "holt-0.7.1" },
				rewrite: isLong ? "shadow" : this.#random.pick(["in-place", "shadow"]),
			});
			await apply(store, changes, false);
			await store.close();
			const hasFolded = (await sizeOf(this.#log, LOG_PATH)) < before;
			for (const guid of hasFolded ? GUIDS : changes.map(guidIn)) {
				this.#foreign.add(guid);
			}
		});
		this.#settle();
		// Nobody who knows of no erasing erases.
		this.#replaced.clear();
		await this.#open();
	}

	async #close(): Promise<void> {
		await this.#phase("close", this.#pending, () => this.#store.close());
		this.#hasFlushed();
		await this.#process.end();
	}

	/** What an open has found is durable. */
	async #open(): Promise<void> {
		this.#process = new MortalHost(this.#log);
		await this.#phase("open", this.#pending, async () => {
			this.#opened = await PackedStore.open(
				this.#process,
				openOptions(this.#shape),
			);
		});
		const { state } = await requireExpectedFrames(this.#store, this.#pending);
		this.#states = [state];
	}

	get #store(): PackedStore {
		if (this.#opened === undefined) {
			throw new Error("the workload has not begun");
		}
		return this.#opened;
	}

	get #flushedState(): PackedState {
		return this.#states[0] ?? new Map();
	}

	get #flushed(): PackedExpectation {
		return this.#expected([this.#flushedState]);
	}

	get #pending(): PackedExpectation {
		return this.#expected(this.#states);
	}

	#expected(states: readonly PackedState[]): PackedExpectation {
		const isInPlace = this.#shape.rewrite === "in-place";
		const copies = [...this.#mixes].map(
			([guid, versions]) => [guid, new Set(versions)] as const,
		);
		return {
			states: [...states],
			mixes: isInPlace ? new Map(copies) : undefined,
			hasChecksums: this.#hasChecksums,
			foreign: new Set(this.#foreign),
			erased: new Set(this.#erased),
		};
	}

	#take(changes: readonly Change[]): void {
		for (const { guid, version } of changes) {
			const state = new Map(this.#states.at(-1));
			this.#replaced.add(state.get(guid) ?? NO_VERSION);
			if (version === undefined) {
				state.delete(guid);
			} else {
				state.set(guid, version);
				this.#mixes.set(
					guid,
					(this.#mixes.get(guid) ?? new Set()).add(version),
				);
			}
			this.#states.push(state);
		}
	}

	#hasFlushed(): void {
		const before = this.#flushedState;
		this.#settle();
		for (const version of this.#shape.erase ? this.#replaced : []) {
			this.#erased.add(version);
		}
		this.#erased.delete(NO_VERSION);
		this.#replaced.clear();
		for (const [guid, version] of this.#flushedState) {
			if (before.get(guid) !== version) {
				this.#foreign.delete(guid);
			}
		}
		// The first flush of a session makes the names durable, that of frames.crc too.
		if (this.#store.checksums !== undefined && this.#flushedState.size > 0) {
			this.#hasChecksums = true;
		}
	}

	/** What was written last is flushed. */
	#settle(): void {
		const before = this.#flushedState;
		const last = this.#states.at(-1) ?? before;
		this.#states = [last];
		for (const [guid, version] of last) {
			if (before.get(guid) !== version) {
				this.#mixes.set(guid, new Set([version]));
			}
		}
	}

	async #phase(
		action: string,
		expected: PackedExpectation,
		step: () => Promise<void>,
	): Promise<void> {
		const phase = await loggedPhase(this.#log, action, expected, step);
		this.phases.push(phase);
	}
}

async function apply(
	store: PackedStore,
	changes: readonly Change[],
	isSynced: boolean,
): Promise<void> {
	const [first] = changes;
	if (first !== undefined && first.version === undefined) {
		await store.delete(sectorGuid(first.guid));
		return;
	}
	const writes = changes.map(
		({ guid, version = 0 }) =>
			[sectorGuid(guid), sectorFrame(version)] as const,
	);
	await store.writeMany(writes, { sync: isSynced });
}

function guidIn({ guid }: Change): number {
	return guid;
}

async function sizeOf(host: Host, path: string): Promise<number> {
	const file = await host.open(path, "read");
	const size = (await file?.size()) ?? 0;
	await file?.close();
	return size;
}

async function layLog(host: Host, bytes: Uint8Array): Promise<void> {
	await withFile(host, LOG_PATH, "create", async (file) => {
		await file.write([bytes], 0);
		await file.sync();
	});
	await host.syncDirectory("");
}
