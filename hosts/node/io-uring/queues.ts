import {
	COMPLETION_SIZE,
	FIXED_FILE,
	type RingLayout,
	SUBMISSION_SIZE,
	WORD,
} from "./abi.ts";
import type { Operation } from "./operation.ts";

const SUBMISSION_WORDS = SUBMISSION_SIZE / 4;
const TICKET_WORD = 8;

/**
 * Identifies an operation of its ring: its slot among those in flight, and how often the slot was
 * used before.
 */
export interface Ticket {
	readonly slot: number;
	readonly use: number;
}

/**
 * The process writes entries and moves the tail, the kernel takes them and moves the head. Both
 * counts grow for ever, and wrap; an entry lies at its count, masked.
 *
 *    head               tail
 *    | taken next | …   | written next
 */
export class SubmissionQueue {
	#words: Int32Array;
	#entries: Uint32Array;
	readonly #head: number;
	readonly #tail: number;
	readonly #array: number;
	readonly #mask: number;

	constructor(queues: ArrayBuffer, entries: ArrayBuffer, layout: RingLayout) {
		const { head, tail, mask, array } = layout.submission;
		this.#words = new Int32Array(queues);
		this.#entries = new Uint32Array(entries);
		this.#head = head / 4;
		this.#tail = tail / 4;
		this.#array = array / 4;
		this.#mask = this.#words[mask / 4] ?? 0;
	}

	/** Entries that the kernel has not taken. */
	get length(): number {
		const head = Atomics.load(this.#words, this.#head);
		return (Atomics.load(this.#words, this.#tail) - head) >>> 0;
	}

	/** There must be room: no more operations are in flight than the queue has entries. */
	push(operation: Operation, { slot, use }: Ticket): void {
		const tail = Atomics.load(this.#words, this.#tail);
		const index = tail & this.#mask;
		const { opcode, file, offset, address } = operation;
		const isFixed = file.index !== undefined;
		const words = this.#entries;
		const at = index * SUBMISSION_WORDS;
		words[at] = opcode | (isFixed ? FIXED_FILE << 8 : 0);
		words[at + 1] = file.index ?? file.fd;
		words[at + 2] = offset;
		words[at + 3] = offset / WORD;
		words[at + 4] = address;
		words[at + 5] = address / WORD;
		words[at + 6] = operation.length;
		words[at + 7] = operation.flags;
		words[at + TICKET_WORD] = slot;
		words[at + TICKET_WORD + 1] = use;
		words[at + 10] = operation.region;
		words.fill(0, at + 11, at + SUBMISSION_WORDS);
		this.#words[this.#array + index] = index;
		// The kernel sees only whole entries before the tail.
		Atomics.store(this.#words, this.#tail, (tail + 1) | 0);
	}

	/**
	 * Call it before the memory is unmapped: a look there would end the process. Later calls throw a
	 * RangeError.
	 */
	letGo(): void {
		this.#words = new Int32Array();
		this.#entries = new Uint32Array();
	}

	/** Takes back entries that the kernel has not taken. No call that submits may be under way. */
	withdraw(): Ticket[] {
		const count = this.length;
		const tail = Atomics.load(this.#words, this.#tail);
		Atomics.store(this.#words, this.#tail, (tail - count) | 0);
		return Array.from({ length: count }, (_, index) => {
			const place = (tail - count + index) & this.#mask;
			const at = place * SUBMISSION_WORDS + TICKET_WORD;
			const [slot = 0, use = 0] = this.#entries.subarray(at, at + 2);
			return { slot, use };
		});
	}
}

export interface Completion extends Ticket {
	/** A count, or -errno. */
	readonly result: number;
}

/** The reverse: the kernel moves the tail, the process the head. */
export class CompletionQueue {
	#words: Int32Array;
	readonly #head: number;
	readonly #tail: number;
	readonly #entries: number;
	readonly #mask: number;

	constructor(queues: ArrayBuffer, layout: RingLayout) {
		const { head, tail, mask, entries } = layout.completion;
		this.#words = new Int32Array(queues);
		this.#head = head / 4;
		this.#tail = tail / 4;
		this.#entries = entries / 4;
		this.#mask = this.#words[mask / 4] ?? 0;
	}

	/** As SubmissionQueue's. */
	letGo(): void {
		this.#words = new Int32Array();
	}

	/** The next one, if the kernel has written any. */
	take(): Completion | undefined {
		const head = Atomics.load(this.#words, this.#head);
		if (head === Atomics.load(this.#words, this.#tail)) {
			return undefined;
		}
		const at = this.#entries + ((head & this.#mask) * COMPLETION_SIZE) / 4;
		const slot = this.#words[at] ?? 0;
		const use = this.#words[at + 1] ?? 0;
		const result = this.#words[at + 2] ?? 0;
		Atomics.store(this.#words, this.#head, (head + 1) | 0);
		return { slot: slot >>> 0, use: use >>> 0, result };
	}
}
