import { newBytes } from "../bytes.ts";
import { checkBytes, checkRange, isPromise } from "../checks.ts";
import { tooShort } from "../refusals.ts";
import { placeOf } from "../storage/blob-place.ts";
import type { OwnedBlob } from "../storage/storage-blob.ts";
import type { Awaitable } from "../turns/awaitable.ts";
import { ChangeGate } from "../turns/change-gate.ts";
import { during } from "../turns/during.ts";
import { Pace } from "../turns/pace.ts";
import { UnderWay } from "../turns/under-way.ts";
import { checkItems, type LogicalReader } from "./reader.ts";
import type { Tip } from "./tip.ts";

/** The parts that the reads of a paged blob use. */
export interface ReadParts {
	readonly blob: OwnedBlob;
	readonly tip: Tip;
	readonly reader: LogicalReader;
	/** Throws ERR_CLOSED. */
	readonly refuseIfClosed: () => void;
}

/** The reads of a paged blob. Its memory is given back once the reads under way are answered. */
export class PagedReads {
	readonly #parts: ReadParts;
	/** Includes reads that wait for a move. */
	readonly #underWay = new UnderWay();
	/** A shrink moves the tip, so it waits for reads, and reads wait for it. */
	readonly #gate = new ChangeGate();
	readonly #pace = new Pace();

	constructor(parts: ReadParts) {
		this.#parts = parts;
	}

	read(offset: number, length: number): Promise<Uint8Array> {
		try {
			const answer = this.readNow(offset, length);
			return isPromise(answer) ? answer : this.#pace.answer(answer);
		} catch (error) {
			return Promise.reject(error);
		}
	}

	/** As `read`, but at once from memory, and where the host answers at once. */
	readNow(offset: number, length: number): Awaitable<Uint8Array> {
		checkRange(offset, length);
		this.#parts.refuseIfClosed();
		if (this.#gate.isOpen) {
			this.#checkPresent(offset, length);
			const target = newBytes(length);
			return this.#parts.reader.tryRead(offset, target)
				? target
				: this.#readInGate(offset, target);
		}
		return this.#readable(offset, length, async () => {
			const target = newBytes(length);
			await this.#parts.reader.read(offset, target);
			return target;
		});
	}

	/** What need not wait is not under way. */
	#readInGate(offset: number, target: Uint8Array): Awaitable<Uint8Array> {
		this.#gate.begin();
		const read = during(
			() => this.#parts.reader.read(offset, target),
			() => this.#gate.end(),
		);
		return isPromise(read)
			? this.#underWay.run(() => read.then(() => target))
			: target;
	}

	async readInto(offset: number, target: Uint8Array): Promise<void> {
		checkBytes(target);
		const { length } = target;
		await this.#readable(offset, length, async () =>
			this.#parts.reader.read(offset, target),
		);
	}

	async readUpTo(offset: number, length: number): Promise<Uint8Array> {
		checkRange(offset, length);
		const { end } = this.#parts.tip;
		return this.read(offset, Math.min(length, Math.max(1, end - offset)));
	}

	async readMany(
		offsets: readonly number[],
		itemSize: number,
		target?: Uint8Array,
	): Promise<Uint8Array> {
		checkItems(offsets, itemSize, target);
		const last = offsets[offsets.length - 1];
		if (last === undefined) {
			return target ?? newBytes(0);
		}
		this.#parts.refuseIfClosed();
		this.#checkPresent(last, itemSize);
		const bytes = target ?? newBytes(offsets.length * itemSize);
		await this.#readable(last, itemSize, () =>
			this.#parts.reader.readMany(offsets, itemSize, bytes),
		);
		return bytes;
	}

	tryRead(offset: number, target: Uint8Array): boolean {
		checkBytes(target);
		checkRange(offset, target.length);
		this.#parts.refuseIfClosed();
		this.#checkPresent(offset, target.length);
		return this.#gate.isOpen && this.#parts.reader.tryRead(offset, target);
	}

	/**
	 * Verified bytes from `offset` on: at least one, and `count` or somewhat fewer. Reads as a replay
	 * does, past the cache and many pages at a time. But the tip is read in place: the host is handed
	 * nothing.
	 */
	readAhead(offset: number, count: number): Promise<Uint8Array> {
		return this.#readable(offset, 1, () =>
			this.#parts.reader.readAhead(offset, count),
		);
	}

	/** Moves the tip between reads: after those that have begun, and before later ones. */
	whileMoving(move: () => Promise<void>): Promise<void> {
		return this.#gate.alone(() => undefined, move);
	}

	/** Waits for the reads that are under way. */
	settle(): Promise<void> {
		return this.#underWay.settle();
	}

	async #readable<T>(
		offset: number,
		length: number,
		read: () => Promise<T>,
	): Promise<T> {
		checkRange(offset, length);
		this.#parts.refuseIfClosed();
		const checkedRead = async () => {
			this.#checkPresent(offset, length);
			return read();
		};
		return this.#underWay.run(() =>
			this.#gate.enter(() => this.#inGate(checkedRead)),
		);
	}

	async #inGate<T>(read: () => Promise<T>): Promise<T> {
		this.#gate.begin();
		try {
			return await read();
		} finally {
			this.#gate.end();
		}
	}

	#checkPresent(offset: number, length: number): void {
		const { blob, tip } = this.#parts;
		if (offset + length > tip.end) {
			throw tooShort(placeOf(blob), offset, length, tip.end);
		}
	}
}
