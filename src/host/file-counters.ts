import { Latency } from "./latency.ts";
import type { FileLatencies } from "./stats.ts";
import type { StorageStats } from "./storage-stats.ts";

type Counters = { -readonly [Name in keyof StorageStats]: StorageStats[Name] };

/** Counts calls of some files, and adds them to the counters of the whole. */
export class FileCounters {
	readonly #counters: Counters = {
		openFiles: 0,
		reads: 0,
		readBytes: 0,
		writes: 0,
		writeBytes: 0,
		syncs: 0,
		resizes: 0,
	};
	readonly #whole: FileCounters | undefined;
	readonly #reads = new Latency();
	readonly #writes = new Latency();
	readonly #syncs = new Latency();

	constructor(whole?: FileCounters) {
		this.#whole = whole;
	}

	/** A copy of the current values. */
	get stats(): StorageStats {
		return { ...this.#counters };
	}

	get latencies(): FileLatencies {
		return {
			read: this.#reads.histogram(),
			write: this.#writes.histogram(),
			sync: this.#syncs.histogram(),
		};
	}

	opened(): void {
		this.#counters.openFiles += 1;
		this.#whole?.opened();
	}

	closed(): void {
		this.#counters.openFiles -= 1;
		this.#whole?.closed();
	}

	/** `began` is the start by `performance.now()`. Only the whole keeps durations. */
	read(bytes: number, began: number): void {
		this.#counters.reads += 1;
		this.#counters.readBytes += bytes;
		if (this.#whole === undefined) {
			this.#reads.end(began);
		} else {
			this.#whole.read(bytes, began);
		}
	}

	/** As read; `syncs` is 1 for a write that was synced in the same call. */
	wrote(bytes: number, syncs: 0 | 1, began: number): void {
		this.#counters.writes += 1;
		this.#counters.writeBytes += bytes;
		this.#counters.syncs += syncs;
		if (this.#whole === undefined) {
			this.#writes.end(began);
		} else {
			this.#whole.wrote(bytes, syncs, began);
		}
	}

	/** As read. */
	synced(began: number): void {
		this.#counters.syncs += 1;
		if (this.#whole === undefined) {
			this.#syncs.end(began);
		} else {
			this.#whole.synced(began);
		}
	}

	resized(): void {
		this.#counters.resizes += 1;
		this.#whole?.resized();
	}
}
