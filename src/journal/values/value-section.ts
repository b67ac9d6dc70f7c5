import { VALUE_CRC_SIZE } from "../../../assembly/format.ts";
import { newBytes } from "../../bytes.ts";
import type { StorageError } from "../../errors.ts";
import type { Form } from "../../forms/form.ts";
import { SEQUENTIAL_READ_BYTES } from "../../host/read-sizes.ts";
import { Durability } from "../../paged/durability.ts";
import { PageBudget } from "../../paged/page-budget.ts";
import type { CachedValues } from "../../paged/value-memory.ts";
import { closed } from "../../refusals.ts";
import type { StoreContext } from "../../storage/context.ts";
import { blobPath } from "../../storage/names.ts";
import type { OwnedBlob } from "../../storage/storage-blob.ts";
import { AppendQueue } from "../../turns/append-queue.ts";
import { endingWith } from "../../turns/endings.ts";
import { JoinedSync } from "../../turns/joined-sync.ts";
import { Mutex } from "../../turns/mutex.ts";
import type { OpenSection } from "../open-section.ts";
import { AppendBuffer } from "./append-buffer.ts";
import { isWholeValue, ValueCheck, type ValuePlace } from "./value.ts";
import { damaged, insufficient } from "./value-errors.ts";
import { ValueReadAhead } from "./value-read-ahead.ts";
import { type ValueRun, ValueRunReader } from "./value-runs.ts";

/**
 * The values of one open section, each with its checksum, one after the other in a blob without
 * pages. (commonware's `Glob` over its `buffer::Write`.) As in a paged blob, no more than the
 * window is ever unsynced.
 */
export class ValueSection implements OpenSection {
	readonly #storage: StoreContext;
	readonly #blob: OwnedBlob;
	readonly #buffer: AppendBuffer;
	readonly #ahead: ValueReadAhead;
	readonly #runs: ValueRunReader;
	readonly #cached: CachedValues;
	readonly #durability: Durability;
	readonly #sync: JoinedSync;
	/** Orders the appends that wait for room. */
	readonly #appends = new AppendQueue();
	/** Held to hand over or shrink the buffer. */
	readonly #turn = new Mutex();
	readonly #sizeAtOpen: number;
	/** Set once by close or drop; from then on nothing is accepted. */
	#ending: Promise<void> | undefined;
	/** Set before the memory is given back. */
	#isReleased = false;

	/**
	 * Takes the blob over: closing this closes the blob. `isDurable`: this session knows that it is
	 * durable.
	 */
	constructor(
		storage: StoreContext,
		blob: OwnedBlob,
		capacity: number,
		isDurable: boolean,
	) {
		this.#storage = storage;
		this.#blob = blob;
		this.#buffer = new AppendBuffer(storage, this, capacity, blob.size);
		this.#ahead = new ValueReadAhead(blob);
		this.#runs = new ValueRunReader(storage, blob, this.#buffer);
		this.#cached = PageBudget.of(storage).valuesOfBlob();
		this.#durability = new Durability(blob, isDurable, false);
		this.#sync = new JoinedSync(this.#turn, () => this.#flushDurably());
		this.#sizeAtOpen = blob.size;
	}

	get size(): number {
		return this.#buffer.end;
	}

	get failure(): StorageError | undefined {
		return this.#blob.failure;
	}

	get isDurable(): boolean {
		return !this.#durability.needsSync && this.#buffer.length === 0;
	}

	get isClean(): boolean {
		return !this.#isTouched || this.isDurable;
	}

	/**
	 * Appends a value if that needs no wait, and returns its place. Passes the place to `accept`.
	 * Throws for an invalid value, and when `accept` throws; then nothing is appended.
	 */
	tryAppend<T>(
		form: Form<T>,
		value: T,
		accept?: (place: ValuePlace) => void,
	): ValuePlace | undefined {
		const length = form.sizeOf(value);
		const size = length + VALUE_CRC_SIZE;
		const fits = size <= this.#buffer.room && this.#appends.isFree;
		const isRefused = this.#storage.readOnly || this.#refusal() !== undefined;
		if (!fits || isRefused || !this.#buffer.tryTake()) {
			return undefined;
		}
		const place = { offset: this.size, size };
		form.put(this.#storage.core, this.#buffer.tail, length, value);
		accept?.(place);
		this.#seal(length, 0);
		return place;
	}

	/** Appends a value. When it rejects, a part of the value may stay, without a place. */
	async append(value: Uint8Array): Promise<ValuePlace> {
		this.#refuseUnlessMutable();
		return this.#appends.run(() => this.#appendFlushing(value));
	}

	/** The value at a place, if it is whole, and in memory or the host answers at once. */
	tryGet(offset: number, size: number): Uint8Array | undefined {
		const held = this.tryGetHeld(offset, size);
		if (held !== undefined || !this.#isOnDisk(offset, size)) {
			return held;
		}
		const bytes = this.#ahead.tryRead(offset, size);
		const value = bytes && this.#wholeIn(bytes);
		if (value !== undefined) {
			this.#cached.put(offset, value);
		}
		return value;
	}

	/**
	 * The value at a place, if it is whole, and in memory: read lately, read ahead, or not yet handed
	 * over.
	 */
	tryGetHeld(offset: number, size: number): Uint8Array | undefined {
		if (
			this.#isReleased ||
			size < VALUE_CRC_SIZE ||
			offset + size > this.size
		) {
			return undefined;
		}
		const cached = this.#cached.get(offset, size - VALUE_CRC_SIZE);
		if (cached !== undefined) {
			this.#ahead.passOver(offset, size);
			return cached;
		}
		const bytes = this.#isOnDisk(offset, size)
			? this.#ahead.tryTake(offset, size)
			: this.#tryCopyHeld(offset, size);
		return bytes && this.#wholeIn(bytes);
	}

	/** The values of a run that are whole, from the first on: parts of one block. */
	async getRun(run: ValueRun): Promise<Uint8Array[]> {
		this.#refuseIfReleased();
		return this.#runs.read(run);
	}

	/** How many values of a run are whole, from the first on. */
	async countWhole(run: ValueRun): Promise<number> {
		this.#refuseIfReleased();
		return this.#runs.countWhole(run);
	}

	/** The value at a place. Throws ERR_BLOB_INSUFFICIENT_LENGTH, ERR_INVALID_CHECKSUM. */
	async get(offset: number, size: number): Promise<Uint8Array> {
		this.#refuseIfReleased();
		if (offset + size > this.size || size < VALUE_CRC_SIZE) {
			throw insufficient(this.#blob, { offset, size }, this.size);
		}
		const isOnDisk = this.#isOnDisk(offset, size);
		const isNext = this.#ahead.isNext(offset);
		const bytes = isOnDisk
			? await this.#ahead.read(offset, size, this.#buffer.start)
			: await this.#readHeld(offset, size);
		const value = this.#wholeIn(bytes);
		if (value === undefined) {
			const verdict = new ValueCheck(this.#storage).end(bytes);
			throw damaged(this.#blob, offset, verdict);
		}
		if (isOnDisk && !isNext && !this.#isReleased) {
			this.#cached.put(offset, value);
		}
		return value;
	}

	#isOnDisk(offset: number, size: number): boolean {
		return size >= VALUE_CRC_SIZE && offset + size <= this.#buffer.start;
	}

	#wholeIn(bytes: Uint8Array): Uint8Array | undefined {
		return isWholeValue(this.#storage, bytes)
			? bytes.subarray(0, bytes.length - VALUE_CRC_SIZE)
			: undefined;
	}

	#tryCopyHeld(offset: number, size: number): Uint8Array | undefined {
		if (offset < this.#buffer.start) {
			return undefined;
		}
		const bytes = newBytes(size);
		this.#buffer.copyTo(bytes, offset);
		return bytes;
	}

	async #readHeld(offset: number, size: number): Promise<Uint8Array> {
		const bytes = newBytes(size);
		const onDisk = Math.max(0, this.#buffer.start - offset);
		// Held bytes may be handed over while the rest is read.
		this.#buffer.copyTo(bytes.subarray(onDisk), offset + onDisk);
		if (onDisk > 0) {
			await this.#blob.readInto(offset, bytes.subarray(0, onDisk));
		}
		return bytes;
	}

	/** Whether the value at a place on disk is whole. It is read in pieces, whatever its size. */
	async isWhole({ offset, size }: ValuePlace): Promise<boolean> {
		if (size < VALUE_CRC_SIZE) {
			return false;
		}
		const check = new ValueCheck(this.#storage);
		const piece = new Uint8Array(Math.min(size, SEQUENTIAL_READ_BYTES));
		let left = size;
		while (left > SEQUENTIAL_READ_BYTES) {
			// The checksum lies in the last piece, whole.
			const part = piece.subarray(0, left - VALUE_CRC_SIZE);
			await this.#blob.readInto(offset + size - left, part);
			check.add(part);
			left -= part.length;
		}
		const last = piece.subarray(0, left);
		await this.#blob.readInto(offset + size - left, last);
		return check.end(last).isWhole;
	}

	/** Copies all bytes from an offset on. Returns the copy's path. */
	async keepFrom(offset: number): Promise<string[]> {
		const copy = await this.#storage.cutCopies.keep(this.#blob, offset);
		return copy === undefined ? [] : [copy];
	}

	sync(): Promise<void> {
		return this.#sync.run();
	}

	drain(): Promise<void> {
		return this.#blob.owner.observer.telling(this.#sync.run());
	}

	/** Whether nothing else can be found, after a crash, at the places of values to come. */
	get isGrounded(): boolean {
		return this.#durability.isGrounded;
	}

	/** Whether the host has bytes of this session that no sync has covered. */
	get hasUnsynced(): boolean {
		return this.#durability.isTouched && this.#durability.needsSync;
	}

	/** Hands over what is held. Promises nothing. */
	async handOver(): Promise<void> {
		if (this.#buffer.length > 0) {
			await this.#turn.run(() => this.#flush(false));
		}
	}

	/** Makes what was handed over durable. Values that come meanwhile can be handed over. */
	async cover(): Promise<void> {
		await this.#durability.cover(this.#durability.ticket);
		this.#buffer.giveBack();
	}

	/**
	 * Makes what opening found durable, unless values are held back: the sync that they need covers
	 * it too.
	 */
	async syncFound(): Promise<void> {
		if (this.#buffer.length === 0) {
			await this.#durability.coverFound();
		}
	}

	async planRewind(size: number): Promise<() => Promise<void>> {
		this.#refuseUnlessMutable();
		return () => this.shrink(size);
	}

	/**
	 * Shrinks to at most `size` bytes, which need not be the end of a value. The rest is durable when
	 * this resolves.
	 */
	async shrink(size: number): Promise<void> {
		this.#refuseUnlessMutable();
		await this.#appends.run(() =>
			this.#turn.run(async () => {
				this.#ahead.forget();
				this.#cached.forgetBehind(size - VALUE_CRC_SIZE);
				if (size < this.#buffer.start) {
					await this.#durability.resize(size);
				}
				if (size < this.size) {
					this.#buffer.shrink(size);
				}
				await this.#flushDurably();
			}),
		);
	}

	close(): Promise<void> {
		this.#ending ??= this.#close();
		return this.#ending;
	}

	drop(): Promise<void> {
		this.#ending ??= this.#drop();
		return this.#ending;
	}

	get #isTouched(): boolean {
		return this.#durability.isTouched || this.size !== this.#sizeAtOpen;
	}

	/**
	 * Takes the rest of a value, already behind the held bytes, and adds the checksum. `crc` is that
	 * of the bytes before.
	 */
	#seal(length: number, crc: number): void {
		this.#storage.core.records.sealValue(this.#buffer.tail, length, crc);
		this.#buffer.length += length + VALUE_CRC_SIZE;
	}

	/** Checked again after each wait: a sync may have given the memory back meanwhile. */
	#isReady(): boolean {
		this.#refuseIfReleased();
		return this.#buffer.tryTake();
	}

	async #appendFlushing(value: Uint8Array): Promise<ValuePlace> {
		while (!this.#isReady()) {
			await this.#buffer.take();
		}
		const offset = this.size;
		const size = value.length + VALUE_CRC_SIZE;
		let taken = 0;
		let crc = 0;
		while (size - taken > this.#buffer.room) {
			const part = value.subarray(taken, taken + this.#buffer.room);
			const address = this.#buffer.tail;
			this.#buffer.append(part);
			crc = this.#storage.core.checksums.crc32c(address, part.length, crc);
			await this.#flushPart(part.length);
			while (!this.#isReady()) {
				await this.#buffer.take();
			}
			taken += part.length;
		}
		const rest = value.subarray(taken);
		this.#storage.core.write(this.#buffer.tail, rest);
		this.#seal(rest.length, crc);
		return { offset, size };
	}

	/** Takes the part back if the host took nothing of it. */
	async #flushPart(length: number): Promise<void> {
		const { start } = this.#buffer;
		try {
			await this.#turn.run(() => this.#flush(false));
		} catch (error) {
			if (this.#buffer.start === start) {
				this.#buffer.length -= length;
			}
			throw error;
		}
	}

	async #flush(isSync: boolean): Promise<void> {
		this.#refuseIfReleased();
		const { start, length } = this.#buffer;
		if (length === 0) {
			return;
		}
		const durability = this.#durability;
		await durability.makeRoom(length);
		// Appends go on behind these bytes while the host has a view of them.
		const bytes = this.#buffer.head(length);
		await (isSync
			? durability.writeSync(start, bytes)
			: durability.write(start, bytes));
		this.#buffer.consume(length);
		durability.relieve();
	}

	async #flushDurably(): Promise<void> {
		await this.#flush(true);
		await this.#durability.cover(this.#durability.ticket);
		this.#buffer.giveBack();
	}

	async #close(): Promise<void> {
		// Waiting appends were accepted before the close.
		await this.#appends.ended();
		await endingWith(
			() => (this.#isTouched ? this.#sync.run() : undefined),
			() => this.#drop(),
		);
	}

	/** Gives the memory back only once the host has no view of it. */
	async #drop(): Promise<void> {
		this.#isReleased = true;
		this.#ahead.forget();
		this.#cached.end();
		await this.#appends.ended();
		await this.#turn.run(() => this.#durability.settle());
		this.#buffer.free();
		await this.#blob.drop();
	}

	/** Why appends are refused, or undefined. */
	#refusal(): StorageError | undefined {
		return this.#ending === undefined ? this.failure : this.#closedError();
	}

	#refuseUnlessMutable(): void {
		const refusal = this.#refusal();
		if (refusal !== undefined) {
			throw refusal;
		}
	}

	#refuseIfReleased(): void {
		if (this.#isReleased) {
			throw this.#closedError();
		}
	}

	#closedError(): StorageError {
		const path = blobPath(this.#blob);
		return closed(path, { path });
	}
}
