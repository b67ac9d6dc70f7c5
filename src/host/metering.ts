import { lengthOf } from "../bytes.ts";
import { isPromise } from "../checks.ts";
import type { Awaitable } from "../turns/awaitable.ts";
import { countRead } from "./answers.ts";
import { andThen, DelegatingFile, DelegatingHost } from "./delegating.ts";
import type {
	HostFile,
	HostOpenOptions,
	HostWriteOptions,
	OpenMode,
} from "./host.ts";
import { OpenState } from "./open-state.ts";

/** Calls of files that succeeded, and their bytes. Directories, names and locks are not counted. */
export interface StorageStats {
	/** Files that are open now. */
	readonly openFiles: number;
	/** Reads that succeeded. */
	readonly reads: number;
	/** What the reads found: fewer bytes than they asked for at the end of a file. */
	readonly readBytes: number;
	/** Writes that succeeded. */
	readonly writes: number;
	/** Bytes of those writes. */
	readonly writeBytes: number;
	/** Syncs of files that succeeded. */
	readonly syncs: number;
	/** Truncations and extensions that succeeded. */
	readonly resizes: number;
}

type Counters = { -readonly [Name in keyof StorageStats]: StorageStats[Name] };

/**
 * A host that counts what its files are asked for (commonware's `metered`). A call that fails
 * counts for nothing.
 */
export class MeteredHost extends DelegatingHost {
	readonly #counters: Counters = {
		openFiles: 0,
		reads: 0,
		readBytes: 0,
		writes: 0,
		writeBytes: 0,
		syncs: 0,
		resizes: 0,
	};

	/** The counters as they are now: a copy, which stays as it is. */
	stats(): StorageStats {
		return { ...this.#counters };
	}

	override open(
		path: string,
		mode: OpenMode,
		options?: HostOpenOptions,
	): Awaitable<HostFile | undefined> {
		const file = super.open(path, mode, options);
		return isPromise(file)
			? file.then((opened) => this.#metered(opened))
			: this.#metered(file);
	}

	#metered(file: HostFile | undefined): HostFile | undefined {
		return file && new MeteredFile(file, this.#counters);
	}
}

/** Calls that answer at once cost their counters alone: no promise, and no closure. */
class MeteredFile extends DelegatingFile {
	readonly #counters: Counters;
	readonly #state = new OpenState();

	constructor(file: HostFile, counters: Counters) {
		super(file);
		this.#counters = counters;
		counters.openFiles += 1;
	}

	override read(
		targets: readonly Uint8Array[],
		offset: number,
	): Awaitable<number> {
		const asked = lengthOf(targets);
		const count = super.read(targets, offset);
		return isPromise(count)
			? count.then((found) => this.#countRead(found, asked))
			: this.#countRead(count, asked);
	}

	/** A synced one counts as a write and as a sync. */
	override write(
		parts: readonly Uint8Array[],
		offset: number,
		options?: HostWriteOptions,
	): Awaitable<void> {
		// The parts are the caller's again once the call has answered.
		const length = lengthOf(parts);
		const syncs = options?.synced ? 1 : 0;
		const written = super.write(parts, offset, options);
		return isPromise(written)
			? written.then(() => this.#countWrite(length, syncs))
			: this.#countWrite(length, syncs);
	}

	override truncate(size: number): Awaitable<void> {
		const resized = super.truncate(size);
		return isPromise(resized)
			? resized.then(() => this.#countResize())
			: this.#countResize();
	}

	override allocate(size: number): Awaitable<boolean> {
		return andThen(super.allocate(size), (isAllocated) => {
			this.#countResize();
			return isAllocated;
		});
	}

	override sync(): Awaitable<void> {
		const synced = super.sync();
		return isPromise(synced)
			? synced.then(() => this.#countSync())
			: this.#countSync();
	}

	/** Whether or not closing fails: nothing uses the file after it. */
	override close(): Awaitable<void> {
		return this.#state.close(() => {
			this.#counters.openFiles -= 1;
			return super.close();
		});
	}

	/** A host can be anybody's: what it counts is checked as what a platform counts is. */
	#countRead(answer: number, asked: number): number {
		const found = countRead(answer, asked);
		this.#counters.reads += 1;
		this.#counters.readBytes += found;
		return found;
	}

	#countWrite(length: number, syncs: number): void {
		this.#counters.writes += 1;
		this.#counters.writeBytes += length;
		this.#counters.syncs += syncs;
	}

	#countResize(): void {
		this.#counters.resizes += 1;
	}

	#countSync(): void {
		this.#counters.syncs += 1;
	}
}
