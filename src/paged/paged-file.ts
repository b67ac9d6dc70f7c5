import { checkBytes, isBytes } from "../checks.ts";
import type { StorageError } from "../errors.ts";
import { closed, openForReading } from "../refusals.ts";
import { placeOf } from "../storage/blob-place.ts";
import type { StoreContext } from "../storage/context.ts";
import { blobPath } from "../storage/names.ts";
import type { OwnedBlob } from "../storage/storage-blob.ts";
import { AppendQueue } from "../turns/append-queue.ts";
import { endingIfFailed, endingWith } from "../turns/endings.ts";
import { yieldIfDue } from "../turns/event-loop.ts";
import { JoinedSync } from "../turns/joined-sync.ts";
import { Mutex } from "../turns/mutex.ts";
import type { CachedPages, CacheMemory } from "./cache-memory.ts";
import { Durability } from "./durability.ts";
import { PageFlush } from "./flush.ts";
import { inspectPages, type PageInspection } from "./inspection.ts";
import { PageShrink } from "./page-shrink.ts";
import { PagedReads } from "./paged-reads.ts";
import type { PagedSection } from "./paged-section.ts";
import { PhysicalPages } from "./physical-pages.ts";
import { LogicalReader } from "./reader.ts";
import { PageRecovery, type RecoveredPages } from "./recovery.ts";
import type { RecoveryReport } from "./recovery-report.ts";
import { Replay, type ReplayOptions } from "./replay.ts";
import {
	checkBlobSize,
	checkedSignal,
	type ResizeOptions,
} from "./resizing.ts";
import { type Content, Tip } from "./tip.ts";
import { TipAppends } from "./tip-appends.ts";
import { pagedCapacity } from "./write-buffer.ts";

const ZEROS = new Uint8Array(4096);
const DONE = Promise.resolve();

/**
 * A paged blob, as the engine passes it around. `PagedBlob` is the user's façade, and documents
 * each call.
 *
 *    append → tip → seal → write → sync        and back: open → scan → replay
 */
export class PagedFile {
	readonly recovery: RecoveryReport;
	readonly reads: PagedReads;
	readonly #storage: StoreContext;
	readonly #blob: OwnedBlob;
	readonly #pageSize: number;
	readonly #capacity: number;
	readonly #tip: Tip;
	readonly #waiting: TipAppends;
	readonly #cached: CachedPages;
	readonly #pages: PhysicalPages;
	readonly #durability: Durability;
	readonly #flush: PageFlush;
	readonly #shrinkPages: PageShrink;
	/** Orders resizes and the appends that wait for room in the tip. */
	readonly #appends = new AppendQueue();
	/** Held to hand over or move the tip. */
	readonly #turn = new Mutex();
	readonly #sync: JoinedSync;
	/** Set once by close or drop; from then on nothing is accepted. */
	#ending: Promise<void> | undefined;
	/** Set before the memory is given back. */
	#isReleased = false;

	private constructor(
		blob: OwnedBlob,
		cache: CacheMemory,
		capacity: number,
		recovered: RecoveredPages,
		{ barrier }: PagedSection,
	) {
		const { storage, pageSize } = cache;
		const { isSynced, report } = recovered;
		this.recovery = report;
		this.#storage = storage;
		this.#blob = blob;
		this.#pageSize = pageSize;
		this.#capacity = capacity;
		this.#cached = cache.attach();
		this.#pages = new PhysicalPages(storage, blob, pageSize);
		this.#durability = new Durability(blob, isSynced, report.foundCrash);
		this.#tip = new Tip(storage, this, pageSize, capacity);
		this.#flush = new PageFlush(
			storage,
			pageSize,
			this.#tip,
			this.#cached,
			this.#durability,
			barrier,
		);
		this.#shrinkPages = new PageShrink(
			storage,
			pageSize,
			this.#pages,
			this.#cached,
			this.#durability,
			this.#flush,
		);
		this.#waiting = new TipAppends(this.#tip, capacity, {
			flushFull: () => this.#turn.run(() => this.#flush.flushFull()),
			refuseIfReleased: () => this.#refuseIfReleased(),
		});
		this.#sync = new JoinedSync(this.#turn, async () => {
			this.#refuseIfReleased();
			await this.#flush.sync();
		});
		this.reads = new PagedReads({
			blob,
			tip: this.#tip,
			reader: new LogicalReader(
				pageSize,
				this.#tip,
				this.#cached,
				this.#pages,
				storage,
			),
			refuseIfClosed: () => this.#refuseIfClosed(),
		});
	}

	/**
	 * Recovers a blob and takes it over: closing this closes the blob. Its other handles then change
	 * nothing. Throws ERR_IN_USE when the blob is owned, ERR_CONFIG, ERR_PAGE_SIZE, ERR_MEMORY. I/O
	 * errors are thrown, never taken for damage.
	 */
	static async open(
		blob: OwnedBlob,
		cache: CacheMemory,
		writeBuffer: number | undefined,
		section: PagedSection = {},
	): Promise<PagedFile> {
		const { storage, pageSize } = cache;
		const capacity = pagedCapacity(writeBuffer, pageSize);
		const { config = { kind: "paged", pageSize }, left } = section;
		const { owner } = blob;
		return storage.owners.takingOver(owner, "a PagedBlob", async () => {
			const recovery = new PageRecovery(storage, blob, pageSize, config);
			const recovered = await recovery.run(left);
			const paged = new PagedFile(blob, cache, capacity, recovered, section);
			paged.#flush.adopt(recovered.last);
			blob.zeros?.keep();
			storage.register(paged);
			return paged;
		});
	}

	/** Logical bytes, the tip included. */
	get size(): number {
		return this.#tip.end;
	}

	trySize(): number | undefined {
		return this.#appends.isFree ? this.size : undefined;
	}

	append(bytes: Uint8Array): Promise<void> {
		const isTaken =
			isBytes(bytes) && bytes.length > 0 && this.tryAppend(bytes) !== undefined;
		return isTaken ? DONE : this.#appendWaiting(bytes);
	}

	/** Whether an append needs no wait, and nothing forbids it. */
	canAppend(length: number): boolean {
		const fits = this.#tip.length + length <= this.#capacity;
		const isFree = this.#appends.isFree && this.#refusal() === undefined;
		return fits && isFree && this.#tip.tryTake();
	}

	/** Appends if no wait is needed, and returns the offset of the first byte. */
	tryAppend(bytes: Uint8Array): number | undefined {
		if (!this.canAppend(bytes.length)) {
			return undefined;
		}
		const offset = this.size;
		this.#tip.append(bytes);
		return offset;
	}

	/** As `tryAppend`, a value of `size` bytes, if there is room for `most` bytes. */
	tryPut<T>(
		content: Content<T>,
		value: T,
		size: number,
		most = size,
	): number | undefined {
		if (!this.canAppend(most)) {
			return undefined;
		}
		const offset = this.size;
		this.#tip.put(content, value, size);
		return offset;
	}

	/**
	 * As `append`, for at most what the write buffer holds. Resolves to the offset of the first byte.
	 * Takes all of the bytes, or none when it rejects.
	 */
	async appendWhole(bytes: Uint8Array): Promise<number> {
		this.#refuseUnlessMutable();
		return this.#appends.run(() => this.#waiting.appendWhole(bytes));
	}

	sync(): Promise<void> {
		const refusal = this.#refusal();
		if (refusal !== undefined) {
			return Promise.reject(refusal);
		}
		const sync = () => this.#sync.run();
		return this.#appends.isFree ? sync() : this.#appends.done().then(sync);
	}

	/** Whether all found and appended bytes are durable. */
	get isDurable(): boolean {
		return !this.#durability.needsSync && !this.#flush.hasNew;
	}

	/**
	 * Whether the blob ends with a damaged page that stays. After a clean close that page would pass
	 * for another writer's torn tail. So the blob stays owed a look, as after a crash.
	 */
	get endsDamaged(): boolean {
		const { slot, size } = this.recovery;
		return slot === 0 && size > 0 && size === this.size;
	}

	/** Whether a close would have nothing to sync. */
	get isClean(): boolean {
		return !this.#owesSync || this.isDurable;
	}

	/** Why changes are refused since a failed one (ERR_POISONED), or undefined. */
	get failure(): StorageError | undefined {
		return this.#blob.failure;
	}

	replay(options: ReplayOptions = {}): Replay {
		this.#refuseIfClosed();
		const source = {
			storage: this.#storage,
			pages: this.#pages,
			pageSize: this.#pageSize,
			size: this.size,
			flush: () => this.#flushForReplay(),
		};
		return new Replay(source, options);
	}

	async resize(size: number, options: ResizeOptions = {}): Promise<void> {
		const signal = checkedSignal(options);
		checkBlobSize(size, this.#pageSize);
		this.#refuseUnlessMutable();
		signal?.throwIfAborted();
		const isReached = await this.#appends.run(async () => {
			const isGrown = await this.#growTo(size, signal);
			if (size < this.size) {
				await this.#shrink(size);
			}
			return isGrown;
		});
		// An abort is no failure: appends behind the growth go on, and so does a close.
		if (!isReached) {
			signal?.throwIfAborted();
		}
	}

	pages(): AsyncGenerator<PageInspection, void, undefined> {
		this.#refuseIfClosed();
		return inspectPages(this.#storage, this.#pages, this.#pageSize);
	}

	/** Syncs all but the waiting appends, and gives the write buffer back. */
	drain(): Promise<void> {
		return this.#blob.owner.observer.telling(this.#sync.run());
	}

	/** Syncs, and changes nothing while `body` runs. */
	quiesce(body: () => Promise<void>): Promise<void> {
		return this.#appends.between(async () => {
			// In a turn of its own, so that whoever waits for the write buffer gets it before `body`.
			await (this.#isReleased ? undefined : this.#sync.run());
			await this.#turn.run(body);
		});
	}

	close(): Promise<void> {
		this.#blob.owner.end();
		this.#ending ??= this.#close();
		return this.#ending;
	}

	drop(): Promise<void> {
		this.#blob.owner.end();
		this.#ending ??= this.#drop();
		return this.#ending;
	}

	async #close(): Promise<void> {
		// Waiting appends were accepted before the close.
		const letGo = () => this.#syncAndLetGo();
		await endingWith(() => this.#appends.done(), letGo);
	}

	async #syncAndLetGo(): Promise<void> {
		if (this.#owesSync) {
			const drop = () => this.#drop();
			await endingIfFailed(() => this.#syncAndCutZeros(), drop);
			if (!this.endsDamaged) {
				this.#storage.marker.settle(blobPath(this.#blob));
			}
		}
		const close = () => this.#blob.close();
		await endingWith(() => this.#release(), close);
	}

	async #syncAndCutZeros(): Promise<void> {
		await this.#sync.run();
		await this.#turn.run(() => this.#durability.cutZeros());
	}

	async #drop(): Promise<void> {
		await this.#blob.zeros?.release();
		const isUnsynced = this.#durability.isTouched && this.#durability.needsSync;
		if (isUnsynced || this.#blob.zeros?.mayLeaveZeros) {
			this.#storage.marker.owe(blobPath(this.#blob));
		}
		const drop = () => this.#blob.drop();
		await endingWith(() => this.#release(), drop);
	}

	async #appendWaiting(bytes: Uint8Array): Promise<void> {
		checkBytes(bytes);
		this.#refuseUnlessMutable();
		await this.#appends.run(() => this.#waiting.append(bytes));
	}

	/** Bytes adopted after a crash must be durable too, before a clean close hides the crash. */
	get #owesSync(): boolean {
		const isTouched =
			this.#durability.isTouched || this.size !== this.recovery.size;
		return !this.#storage.readOnly && (isTouched || this.recovery.foundCrash);
	}

	async #flushForReplay(): Promise<void> {
		if (!this.#storage.readOnly && this.#blob.failure === undefined) {
			await this.#turn.run(() => {
				this.#refuseIfReleased();
				return this.#flush.flushAll();
			});
		}
	}

	/** Returns true when the blob reached `size` before the signal. */
	async #growTo(
		size: number,
		signal: AbortSignal | undefined,
	): Promise<boolean> {
		while (this.size < size) {
			if (signal?.aborted) {
				return false;
			}
			const count = Math.min(ZEROS.length, size - this.size);
			await this.#waiting.append(ZEROS.subarray(0, count));
			await yieldIfDue();
		}
		return true;
	}

	async #shrink(size: number): Promise<void> {
		await this.reads.whileMoving(() =>
			this.#turn.run(async () => {
				await this.#flush.sync();
				await this.#shrinkPages.to(size);
			}),
		);
	}

	#refuseUnlessMutable(): void {
		const refusal = this.#refusal();
		if (refusal !== undefined) {
			throw refusal;
		}
	}

	/** Why changes are refused, or undefined. */
	#refusal(): Error | undefined {
		if (this.#ending !== undefined) {
			return this.#closed();
		}
		if (this.#storage.readOnly) {
			const place = placeOf(this.#blob);
			return openForReading(place.path, place);
		}
		return this.#blob.failure;
	}

	#closed(): StorageError {
		const place = placeOf(this.#blob);
		return closed(place.path, place);
	}

	#refuseIfClosed(): void {
		if (this.#ending !== undefined) {
			throw this.#closed();
		}
	}

	/**
	 * A call that waited during the release must not touch the memory, nor trust bytes read from it.
	 */
	#refuseIfReleased(): void {
		if (this.#isReleased) {
			throw this.#closed();
		}
	}

	/** Gives the memory back only once the host has no view of it. */
	async #release(): Promise<void> {
		this.#storage.unregister(this);
		this.#isReleased = true;
		await this.reads.settle();
		await this.#appends.ended();
		await this.#turn.run(() => this.#durability.settle());
		await this.#pages.settle();
		this.#cached.end();
		this.#tip.free();
	}
}
