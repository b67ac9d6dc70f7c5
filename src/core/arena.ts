import { StorageError } from "../errors.ts";

/** A cache line, which keeps allocations apart; buffers for direct I/O ask for more. */
const ALIGNMENT = 64;

interface Span {
	start: number;
	end: number;
}

/** Contiguous bytes of an arena, all free or all of one allocation. */
export interface Region extends Readonly<Span> {
	readonly isFree: boolean;
}

/**
 * Hands out regions of the core's linear memory, which has a fixed size, to page caches, write
 * buffers and reads. First fit over a sorted list of free spans.
 */
export class Arena {
	/** All bytes, handed out or not. */
	readonly size: number;
	readonly #free: Span[];
	readonly #taken = new Map<number, number>();
	/** The highest end of all bytes ever handed out. */
	#usedEnd: number;

	#reclaim: () => boolean = () => false;

	constructor(start: number, end: number) {
		this.#free = [{ start: aligned(start, ALIGNMENT), end }];
		this.#usedEnd = start;
		this.size = this.freeBytes;
	}

	/** Bytes behind it were never handed out. */
	get usedEnd(): number {
		return this.#usedEnd;
	}

	/** Bytes not handed out, in any number of pieces. */
	get freeBytes(): number {
		return this.#free.reduce((sum, span) => sum + span.end - span.start, 0);
	}

	/** The whole arena in ascending order, for checks of it. */
	get regions(): Region[] {
		const free = this.#free.map((span) => ({ ...span, isFree: true }));
		const taken = Array.from(this.#taken, ([start, length]) => {
			return { start, end: start + length, isFree: false };
		});
		return free.concat(taken).sort((one, other) => one.start - other.start);
	}

	/**
	 * The address of `size` bytes of unspecified content: a multiple of `alignment`, itself a
	 * multiple of 64. Each allocation has its own address, even one of no bytes. Throws ERR_MEMORY
	 * when no free piece is large enough.
	 */
	allocate(size: number, alignment = ALIGNMENT): number {
		const address = this.tryAllocate(size, alignment);
		if (address === undefined) {
			throw this.refusal(size);
		}
		return address;
	}

	/** As allocate, but returns undefined where that would throw. */
	tryAllocate(size: number, alignment = ALIGNMENT): number | undefined {
		let address = this.tryAllocateFree(size, alignment);
		while (address === undefined && this.#reclaim()) {
			address = this.tryAllocateFree(size, alignment);
		}
		return address;
	}

	/**
	 * Sets how idle memory is freed, piece by piece, when no other is left: `reclaim` frees one
	 * piece, and returns false when there was none.
	 */
	reclaimBy(reclaim: () => boolean): void {
		this.#reclaim = reclaim;
	}

	/** As tryAllocate, but reclaims nothing. */
	tryAllocateFree(size: number, alignment = ALIGNMENT): number | undefined {
		const length = aligned(Math.max(size, 1), ALIGNMENT);
		let index = 0;
		for (const span of this.#free) {
			const start = aligned(span.start, alignment);
			if (start + length <= span.end) {
				this.#take(index, span, start, start + length);
				return start;
			}
			index += 1;
		}
		return undefined;
	}

	/** ERR_MEMORY: there is no room for `size` bytes. */
	refusal(size: number, cause?: unknown): StorageError {
		const found = this.freeBytes;
		return new StorageError(
			"ERR_MEMORY",
			`the store's memory is full: ${size} bytes asked for, ${found} free; open it with a larger { memory }, or hold less: smaller page caches and write buffers, fewer of them at once, and a sync where bytes are held back`,
			{ expected: size, found },
			cause,
		);
	}

	free(address: number): void {
		const length = this.#taken.get(address);
		if (length === undefined) {
			throw new RangeError(`address ${address} is not allocated`);
		}
		this.#taken.delete(address);
		const index = this.#free.findIndex((span) => span.start > address);
		this.#insert(index < 0 ? this.#free.length : index, {
			start: address,
			end: address + length,
		});
	}

	#take(index: number, span: Span, start: number, end: number): void {
		this.#taken.set(start, end - start);
		this.#usedEnd = Math.max(this.#usedEnd, end);
		const behind = { start: end, end: span.end };
		const isLeftBehind = end < span.end;
		if (span.start < start) {
			span.end = start;
			if (isLeftBehind) {
				this.#free.splice(index + 1, 0, behind);
			}
		} else if (isLeftBehind) {
			span.start = end;
		} else {
			this.#free.splice(index, 1);
		}
	}

	#insert(index: number, span: Span): void {
		const before = this.#free[index - 1];
		const after = this.#free[index];
		const joinsAfter = after?.start === span.end;
		if (before?.end === span.start) {
			before.end = joinsAfter ? after.end : span.end;
			if (joinsAfter) {
				this.#free.splice(index, 1);
			}
		} else if (joinsAfter) {
			after.start = span.start;
		} else {
			this.#free.splice(index, 0, span);
		}
	}
}

function aligned(value: number, alignment: number): number {
	return Math.ceil(value / alignment) * alignment;
}
