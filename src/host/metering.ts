import { lengthOf } from "../bytes.ts";
import { isPromise } from "../checks.ts";
import type { Awaitable } from "../turns/awaitable.ts";
import { countRead } from "./answers.ts";
import { andThen, DelegatingFile, DelegatingHost } from "./delegating.ts";
import { FileCounters } from "./file-counters.ts";
import type {
	HostFile,
	HostOpenOptions,
	HostSyncOptions,
	HostWriteOptions,
	OpenMode,
} from "./host.ts";
import { OpenState } from "./open-state.ts";
import type { FileLatencies, LabelledStats } from "./stats.ts";
import type { StorageStats } from "./storage-stats.ts";

/** So many labels have counters of their own: partitions that come and go take no more memory. */
const LABELS_MAX = 1000;
/** No partition and no file of a store has this name. */
const OTHERS = "(others)";

/**
 * A host that counts the calls to its files (commonware's `metered`). A failed call is not counted.
 */
export class MeteredHost extends DelegatingHost {
	/** The sum of all files. */
	readonly #counters = new FileCounters();
	readonly #byLabel = new Map<string, FileCounters>();

	/** A copy of the current counters. */
	stats(): StorageStats {
		return this.#counters.stats;
	}

	/** How long the calls to its files took: a copy. */
	latencies(): FileLatencies {
		return this.#counters.latencies;
	}

	/** The counters by directory, and by file for files in none: a copy. */
	labelled(): LabelledStats[] {
		return Array.from(this.#byLabel, ([label, { stats }]) => {
			return { label, ...stats };
		});
	}

	override open(
		path: string,
		mode: OpenMode,
		options?: HostOpenOptions,
	): Awaitable<HostFile | undefined> {
		const file = super.open(path, mode, options);
		return isPromise(file)
			? file.then((opened) => this.#metered(path, opened))
			: this.#metered(path, file);
	}

	#metered(path: string, file: HostFile | undefined): HostFile | undefined {
		return file && new MeteredFile(file, this.#countersOf(path));
	}

	#countersOf(path: string): FileCounters {
		const [own = ""] = path.split("/");
		const byLabel = this.#byLabel;
		const isOwn = byLabel.has(own) || byLabel.size < LABELS_MAX;
		const label = isOwn ? own : OTHERS;
		const known = byLabel.get(label);
		if (known !== undefined) {
			return known;
		}
		const counters = new FileCounters(this.#counters);
		byLabel.set(label, counters);
		return counters;
	}
}

/** A synchronous call costs only its counters: no promise and no closure. */
class MeteredFile extends DelegatingFile {
	readonly #counters: FileCounters;
	readonly #state = new OpenState();

	constructor(file: HostFile, counters: FileCounters) {
		super(file);
		this.#counters = counters;
		counters.opened();
	}

	override read(
		targets: readonly Uint8Array[],
		offset: number,
	): Awaitable<number> {
		const asked = lengthOf(targets);
		const began = performance.now();
		const count = super.read(targets, offset);
		return isPromise(count)
			? count.then((found) => this.#countRead(found, asked, began))
			: this.#countRead(count, asked, began);
	}

	/** A synced write counts as a write and as a sync. */
	override write(
		parts: readonly Uint8Array[],
		offset: number,
		options?: HostWriteOptions,
	): Awaitable<void> {
		// After the call the caller may change the parts.
		const length = lengthOf(parts);
		const syncs = options?.synced ? 1 : 0;
		const began = performance.now();
		const written = super.write(parts, offset, options);
		return isPromise(written)
			? written.then(() => this.#counters.wrote(length, syncs, began))
			: this.#counters.wrote(length, syncs, began);
	}

	override truncate(size: number): Awaitable<void> {
		const resized = super.truncate(size);
		return isPromise(resized)
			? resized.then(() => this.#counters.resized())
			: this.#counters.resized();
	}

	override allocate(size: number): Awaitable<boolean> {
		return andThen(super.allocate(size), (isAllocated) => {
			this.#counters.resized();
			return isAllocated;
		});
	}

	override sync(options?: HostSyncOptions): Awaitable<void> {
		const began = performance.now();
		const synced = super.sync(options);
		return isPromise(synced)
			? synced.then(() => this.#counters.synced(began))
			: this.#counters.synced(began);
	}

	/** Counts even when closing fails: nothing uses the file after it. */
	override close(): Awaitable<void> {
		return this.#state.close(() => {
			this.#counters.closed();
			return super.close();
		});
	}

	/** The host may be a user's: its counts are checked like a platform's. */
	#countRead(answer: number, asked: number, began: number): number {
		const found = countRead(answer, asked);
		this.#counters.read(found, began);
		return found;
	}
}
