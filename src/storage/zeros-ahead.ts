import { lengthOf } from "../bytes.ts";
import { isNoSpace } from "../errors.ts";
import { fileSize } from "../host/answers.ts";
import { DelegatingFile } from "../host/delegating.ts";
import type {
	HostFile,
	HostSyncOptions,
	HostWriteOptions,
} from "../host/host.ts";
import type { Awaitable } from "../turns/awaitable.ts";
import { Mutex } from "../turns/mutex.ts";
import { Signal } from "../turns/signal.ts";
import type { Reserving, ZerosBudget } from "./zeros-budget.ts";

/** The first zeros of a file; each time they are half used, twice as many are written. */
const FIRST_ZEROS = 64 * 1024;
const CHUNK = new Uint8Array(64 * 1024);
const IN_BACKGROUND = { background: true } as const;
/** No write waits for a sync of zeros. */
const NOWHERE = Number.POSITIVE_INFINITY;

/**
 * A file that is synced often, and keeps zeros ahead of its content. So a synced append changes
 * bytes of the file and not its size, which spares the disk a write of the file system's journal.
 *
 *    header | content ............ | zeros ............ |
 *                                  end                  reached
 *
 * `size` is the content's end: whoever uses the file knows nothing of the zeros. They are written
 * and synced in the background, once a sync of the content has ended. Appends and zeros never touch
 * the same bytes: an append that catches up waits for the chunk that is under way, and no other
 * chunk follows. Zeros are cut by a truncation alone, and follow one only when it is durable.
 */
export class ZerosAhead extends DelegatingFile implements Reserving {
	readonly #budget: ZerosBudget;
	/** Where the content ends, once the writes that were called have ended. */
	#end: number;
	#reached: number;
	/** How many bytes of zeros there are to be. */
	#wanted = 0;
	#isKept = false;
	/** False from a full disk on, until a write finds room. */
	#hasRoom = true;
	/** Set while the file is truncated: no chunk begins. */
	#truncations = 0;
	/** Held to truncate: a cut beside another one would make the file longer again. */
	readonly #truncating = new Mutex();
	/** Synced growths in a row. */
	#growths = 0;
	/** How far the file grew since the last sync began. */
	#grown = 0;
	#cuts = 0;
	#durableCuts = 0;
	/** Writes of content that the host has, and the signal that one ended. */
	#writes = 0;
	readonly #written = new Signal();
	#filling: Promise<void> | undefined;
	/** The chunk or sync of zeros that the host has, and where the chunk begins. Never rejects. */
	#step: Promise<unknown> | undefined;
	#stepFrom = NOWHERE;
	/** Never rejects. */
	#cutting: Promise<void> | undefined;
	/** Of a write, sync or cut of zeros: the next use of the file throws it. */
	#failure: { readonly cause: unknown } | undefined;

	private constructor(file: HostFile, size: number, budget: ZerosBudget) {
		super(file);
		this.#end = size;
		this.#reached = size;
		this.#budget = budget;
	}

	static async over(file: HostFile, budget: ZerosBudget): Promise<ZerosAhead> {
		return new ZerosAhead(file, fileSize(await file.size()), budget);
	}

	get reserved(): number {
		return Math.max(0, this.#reached - this.#end);
	}

	/** Whether a power cut could leave zeros behind the content. */
	get mayLeaveZeros(): boolean {
		return this.reserved > 0 || this.#cuts !== this.#durableCuts;
	}

	/** From now on zeros may be written. */
	keep(): void {
		this.#isKept = true;
	}

	/** From now on no zeros are written; those that are there stay until a truncation. */
	async release(): Promise<void> {
		this.#isKept = false;
		await this.#filling;
		await this.#cutting;
	}

	/** The end of the content. */
	override size(): number {
		return this.#end;
	}

	override async write(
		parts: readonly Uint8Array[],
		offset: number,
		options?: HostWriteOptions,
	): Promise<void> {
		const length = lengthOf(parts);
		const end = length > 0 ? offset + length : 0;
		this.#grown += Math.max(0, end - this.#end);
		this.#end = Math.max(this.#end, end);
		try {
			await this.#writeFreely(parts, offset, end, options);
		} catch (error) {
			// The kernel's error for a synced write may be about other bytes, and comes only once.
			const isMore = isNoSpace(error) && (await this.#budget.cutAll());
			if (!isMore || options?.synced) {
				throw error;
			}
			await this.#writeFreely(parts, offset, end, options);
		}
		if (options?.synced) {
			this.#synced(this.#takeGrowth());
		}
	}

	override async truncate(size: number): Promise<void> {
		this.#truncations += 1;
		try {
			await this.#filling;
			await this.#truncating.run(async () => {
				this.#throwFailure();
				await super.truncate(size);
				this.#end = size;
				this.#isCut(size);
			});
		} finally {
			this.#truncations -= 1;
		}
	}

	override async allocate(size: number): Promise<boolean> {
		await this.release();
		const isAllocated = await super.allocate(size);
		this.#end = Math.max(this.#end, size);
		this.#reached = Math.max(this.#reached, size);
		return isAllocated;
	}

	/**
	 * Of two syncs of one file at once, the kernel tells only one of an error. So this one ends no
	 * sooner than a sync of zeros beside it, and fails with it.
	 */
	override async sync(options?: HostSyncOptions): Promise<void> {
		this.#throwFailure();
		const cuts = this.#cuts;
		const grown = this.#takeGrowth();
		await super.sync(options);
		if (this.#stepFrom === NOWHERE) {
			await this.#step;
		}
		this.#throwFailure();
		this.#durableCuts = Math.max(this.#durableCuts, cuts);
		this.#synced(grown);
	}

	/** The host lets the calls that it has end. */
	override close(): Awaitable<void> {
		this.#isKept = false;
		this.#budget.giveBack(this);
		return super.close();
	}

	async cutForRoom(): Promise<void> {
		this.#hasRoom = false;
		await this.#filling;
		await this.#cutZeros();
	}

	async cutForOther(): Promise<void> {
		this.#truncations += 1;
		await this.#filling;
		await this.#cutZeros();
		this.#truncations -= 1;
	}

	async #writeFreely(
		parts: readonly Uint8Array[],
		offset: number,
		end: number,
		options: HostWriteOptions | undefined,
	): Promise<void> {
		for (let busy = this.#busy(end); busy; busy = this.#busy(end)) {
			await busy;
		}
		this.#throwFailure();
		this.#writes += 1;
		try {
			await super.write(parts, offset, options);
		} finally {
			this.#writes -= 1;
			this.#written.raise();
		}
		if (end > this.#reached) {
			this.#reached = end;
			this.#hasRoom = true;
		}
	}

	/** What a write up to `end` has to wait for. */
	#busy(end: number): Promise<unknown> | undefined {
		return this.#cutting ?? (end > this.#stepFrom ? this.#step : undefined);
	}

	#takeGrowth(): number {
		const grown = this.#grown;
		this.#grown = 0;
		return grown;
	}

	/** Called after each sync. A bulk load needs no zeros: its syncs cost less than its bytes. */
	#synced(grown: number): void {
		const { ahead, after } = this.#budget;
		if (grown > ahead / 2) {
			this.#growths = 0;
		} else if (grown > 0) {
			this.#growths += 1;
			this.#budget.grew(this);
		}
		const isOften = this.#growths >= after;
		if (isOften && grown > 0 && this.reserved <= this.#wanted / 2) {
			this.#fillInBackground();
		}
	}

	#fillInBackground(): void {
		const { ahead } = this.#budget;
		const isIdle = this.#filling === undefined && this.#cutting === undefined;
		const isCutDurable = this.#cuts === this.#durableCuts;
		if (!(isIdle && isCutDurable && this.#mayWriteZeros)) {
			return;
		}
		const next = this.#wanted === 0 ? FIRST_ZEROS : 2 * this.#wanted;
		this.#wanted = this.#budget.grant(this, Math.min(next, ahead));
		if (this.#wanted > 0) {
			this.#filling = this.#fill(this.#end + this.#wanted).finally(() => {
				this.#filling = undefined;
			});
		}
	}

	get #mayWriteZeros(): boolean {
		const isFree = this.#truncations === 0 && this.#failure === undefined;
		return isFree && this.#isKept && this.#hasRoom;
	}

	/** Writes zeros up to `goal`, as long as no append catches up. Never rejects. */
	async #fill(goal: number): Promise<void> {
		try {
			while (
				this.#mayWriteZeros &&
				this.#end <= this.#reached &&
				this.#reached < goal
			) {
				await this.#writeChunk(goal);
			}
			if (this.#mayWriteZeros) {
				await this.#during(NOWHERE, () => this.#syncZeros());
			}
		} catch (cause) {
			this.#failure ??= { cause };
		}
	}

	async #writeChunk(goal: number): Promise<void> {
		const from = this.#reached;
		const chunk = CHUNK.subarray(0, goal - from);
		try {
			await this.#during(from, () => super.write([chunk], from, IN_BACKGROUND));
			this.#reached = Math.max(this.#reached, from + chunk.length);
		} catch (error) {
			if (!isNoSpace(error)) {
				throw error;
			}
			// The host may have written a part of the chunk.
			this.#reached = Math.max(this.#reached, from + chunk.length);
			this.#hasRoom = false;
			await this.#cutZeros();
		}
	}

	/** Never rejects. A sync beside it that has waited for it finds its failure. */
	async #syncZeros(): Promise<void> {
		try {
			await super.sync(IN_BACKGROUND);
		} catch (cause) {
			this.#failure ??= { cause };
		}
	}

	async #during(from: number, call: () => Awaitable<void>): Promise<void> {
		const step = Promise.resolve().then(call);
		this.#stepFrom = from;
		this.#step = step.catch(() => undefined);
		try {
			await step;
		} finally {
			this.#step = undefined;
			this.#stepFrom = NOWHERE;
		}
	}

	#cutZeros(): Promise<void> {
		this.#cutting ??= this.#cutBehindWrites().finally(() => {
			this.#cutting = undefined;
		});
		return this.#cutting;
	}

	/** Never rejects. */
	async #cutBehindWrites(): Promise<void> {
		while (this.#writes > 0) {
			await this.#written.wait();
		}
		try {
			await this.#truncating.run(() => this.#cutReserved());
		} catch (cause) {
			this.#failure ??= { cause };
		}
		this.#budget.giveBack(this);
	}

	async #cutReserved(): Promise<void> {
		if (this.reserved > 0) {
			const end = this.#end;
			await super.truncate(end);
			this.#isCut(end);
		}
	}

	#isCut(size: number): void {
		this.#reached = size;
		this.#cuts += 1;
		this.#wanted = 0;
		this.#budget.giveBack(this);
	}

	#throwFailure(): void {
		if (this.#failure !== undefined) {
			throw this.#failure.cause;
		}
	}
}
