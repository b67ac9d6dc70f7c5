import { VARINT_WIDTH_MAX } from "../../../assembly/format.ts";
import type { FrameRun } from "../../core/answers.ts";
import type { StorageError } from "../../errors.ts";
import type { Form } from "../../forms/form.ts";
import type { StoreContext } from "../../storage/context.ts";
import { ItemBatch } from "./item-batch.ts";
import { scanFrames } from "./item-frames.ts";

/** The section whose items a cursor reads. */
interface CursorSource {
	readAhead(offset: number, count: number): Promise<Uint8Array>;
	/** The error for bytes that are no item; `announced` is a length over the limit. */
	corrupt(offset: number, announced?: number): StorageError;
}

const NOTHING = new Uint8Array();
const UNREAD = { stop: "end", next: { width: 0, size: 0 } } as const;

/**
 * The items of a section from an offset on, where an item must begin. It holds one buffer, or one
 * longer item, and reads up to a limit, which may shrink between two reads.
 *
 * Without a whole item there are three cases. The tail is torn: the rest is the start of a frame,
 * or is no length and shorter than the longest length. The section is damaged: there is no length,
 * or one over `sizeMax`. Or there is more to read. (commonware's rules, in its `replay`.)
 */
export class ItemCursor {
	readonly #storage: StoreContext;
	readonly #sizeMax: number;
	readonly #buffer: number;
	#offset: number;
	/** Frames read and not given out lie from `from` to `to`. */
	#bytes: Uint8Array = NOTHING;
	#from = 0;
	#to = 0;
	/** More frames, behind the held ones. */
	#behind: Uint8Array = NOTHING;
	/** What the bytes at `from` are, if no whole frame. */
	#ahead: Pick<FrameRun, "stop" | "next"> = UNREAD;
	/** Whether no whole frame is left to take. */
	#isDry = true;
	#isTorn = false;

	constructor(
		storage: StoreContext,
		sizeMax: number,
		offset: number,
		buffer: number,
	) {
		this.#storage = storage;
		this.#sizeMax = sizeMax;
		this.#offset = offset;
		this.#buffer = buffer;
	}

	/** Where the next item begins. */
	get offset(): number {
		return this.#offset;
	}

	/** Whether a fill has come to a torn tail. */
	get isTorn(): boolean {
		return this.#isTorn;
	}

	/** The whole items that were read, if any, in the given form. */
	take(section: bigint, form?: Form<unknown>): ItemBatch | undefined {
		if (this.#isDry) {
			return undefined;
		}
		if (this.#from === this.#to) {
			this.#holdAlone(this.#behind);
		}
		const held = this.#bytes.subarray(this.#from, this.#to);
		const run = scanFrames(this.#storage, held, this.#sizeMax);
		this.#ahead = run;
		if (run.places.length === 0) {
			this.#isDry = true;
			return undefined;
		}
		const offset = this.#offset;
		this.#from += run.end;
		this.#offset += run.end;
		const frames = held.subarray(0, run.end);
		return new ItemBatch(section, offset, frames, run.places, form);
	}

	/** Skips the whole items that were read. Returns how many there were. */
	passOver(): number {
		let count = 0;
		for (
			let batch = this.take(0n);
			batch !== undefined;
			batch = this.take(0n)
		) {
			count += batch.length;
		}
		return count;
	}

	/**
	 * Reads on, when no whole item is left to take. False at the end and at a torn tail. Throws when
	 * the section is damaged.
	 */
	async fill(open: CursorSource, limit: number): Promise<boolean> {
		const left = limit - this.#offset;
		this.#to = Math.min(this.#to, this.#from + Math.max(0, left));
		if (left <= 0 || this.#isTornWithin(left)) {
			this.#isTorn = left > 0;
			return false;
		}
		const { stop, next } = this.#ahead;
		if (stop === "invalid" || stop === "too-large") {
			const announced = stop === "too-large" ? next.size : undefined;
			throw open.corrupt(this.#offset, announced);
		}
		const held = this.#to - this.#from;
		const size = next.width + next.size;
		const count = Math.min(this.#buffer, Math.max(size, this.#buffer) - held);
		const bytes = await open.readAhead(this.#offset + held, Math.max(1, count));
		this.#hold(bytes.subarray(0, left - held), size);
		return true;
	}

	#isTornWithin(left: number): boolean {
		const { stop, next } = this.#ahead;
		if (stop === "invalid") {
			return left < VARINT_WIDTH_MAX;
		}
		const isHeld = this.#to - this.#from === left;
		return stop === "partial" && (isHeld || next.width + next.size > left);
	}

	/**
	 * Puts bytes behind the held ones, which begin a frame of `size` bytes (0 if its length is
	 * incomplete). Only that frame is joined; the bytes behind it stay where they were read.
	 */
	#hold(fresh: Uint8Array, size: number): void {
		const held = this.#to - this.#from;
		if (held === 0) {
			this.#holdAlone(fresh);
			return;
		}
		const wanted = size === 0 ? held + fresh.length : size;
		const part = fresh.subarray(0, wanted - held);
		if (this.#from + wanted > this.#bytes.length) {
			const bytes = new Uint8Array(wanted);
			bytes.set(this.#bytes.subarray(this.#from, this.#to));
			this.#bytes = bytes;
			this.#from = 0;
		}
		this.#to = this.#from + held;
		this.#bytes.set(part, this.#to);
		this.#to += part.length;
		this.#behind = fresh.subarray(part.length);
		this.#isDry = false;
	}

	#holdAlone(bytes: Uint8Array): void {
		this.#bytes = bytes;
		this.#from = 0;
		this.#to = bytes.length;
		this.#behind = NOTHING;
		this.#isDry = false;
	}
}
