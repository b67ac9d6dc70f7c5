import { StorageError } from "./errors.ts";

/** Keeps allocations apart by cache lines; what a host needs for direct I/O asks for more. */
const ALIGNMENT = 64;

interface Span {
	start: number;
	end: number;
}

/**
 * Hands out regions of the core's linear memory, which has a fixed size: page caches, write tips and scan buffers
 * are carved from it when they are opened, and returned when they close. First fit over a sorted list of free spans.
 */
export class Arena {
	readonly #free: Span[];
	readonly #taken = new Map<number, number>();

	constructor(start: number, end: number) {
		this.#free = [{ start: aligned(start, ALIGNMENT), end }];
	}

	/** Bytes not handed out, in any number of pieces. */
	get freeBytes(): number {
		return this.#free.reduce((sum, span) => sum + span.end - span.start, 0);
	}

	/** The address of `size` bytes of unspecified content. Throws ERR_MEMORY when no free piece is large enough. */
	allocate(size: number, alignment = ALIGNMENT): number {
		const length = aligned(size, ALIGNMENT);
		for (const [index, span] of this.#free.entries()) {
			const start = aligned(span.start, alignment);
			if (start + length <= span.end) {
				this.#take(index, span, start, length);
				return start;
			}
		}
		throw new StorageError(
			"ERR_MEMORY",
			`the store's memory is full: ${size} bytes asked for, ${this.freeBytes} free; open it with a larger { memory }`,
			{ expected: size, found: this.freeBytes },
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

	#take(index: number, span: Span, start: number, length: number): void {
		const left = [
			{ start: span.start, end: start },
			{ start: start + length, end: span.end },
		].filter((piece) => piece.start < piece.end);
		this.#free.splice(index, 1, ...left);
		this.#taken.set(start, length);
	}

	#insert(index: number, span: Span): void {
		const before = this.#free[index - 1];
		const after = this.#free[index];
		const joinsBefore = before?.end === span.start;
		const joinsAfter = after?.start === span.end;
		const joined = {
			start: joinsBefore && before ? before.start : span.start,
			end: joinsAfter && after ? after.end : span.end,
		};
		this.#free.splice(
			joinsBefore ? index - 1 : index,
			Number(joinsBefore) + Number(joinsAfter),
			joined,
		);
	}
}

function aligned(value: number, alignment: number): number {
	return Math.ceil(value / alignment) * alignment;
}
