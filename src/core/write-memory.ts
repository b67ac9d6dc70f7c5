import type { StorageError } from "../errors.ts";
import type { Arena } from "./arena.ts";

/** The holder of a write buffer. */
export interface BufferHolder {
	/** Why it cannot write its bytes (ERR_POISONED), or undefined. */
	readonly failure: StorageError | undefined;
	/** Writes its bytes durably, and gives its write buffer back. Waits for no append. */
	drain(): Promise<void>;
}

/**
 * The write buffers of a store: each is taken by an append, and given back when its bytes are
 * durable. Where there is no memory for another one, the oldest are drained, one after the other,
 * until there is.
 */
export class WriteMemory {
	readonly #arena: Arena;
	/** The holder of the oldest buffer comes first. */
	readonly #holders = new Set<BufferHolder>();

	constructor(arena: Arena) {
		this.#arena = arena;
	}

	/** A buffer of `size` bytes, not yet taken. Throws ERR_MEMORY for a size that can never fit. */
	bufferOf(holder: BufferHolder, size: number): WriteBuffer {
		if (size > this.#arena.size) {
			throw this.#arena.refusal(size);
		}
		return new WriteBuffer(this, holder, size);
	}

	/** The address of a holder's bytes; undefined where there is no memory for them. */
	tryTake(holder: BufferHolder, size: number): number | undefined {
		const address = this.#arena.tryAllocate(size);
		if (address !== undefined) {
			this.#holders.add(holder);
		}
		return address;
	}

	/** As tryTake, but drains others. Throws ERR_MEMORY where that does not free enough. */
	async take(holder: BufferHolder, size: number): Promise<number> {
		const tried = new Set([holder]);
		let cause: unknown;
		for (;;) {
			const address = this.tryTake(holder, size);
			if (address !== undefined) {
				return address;
			}
			const other = this.#nextBut(tried);
			if (other === undefined) {
				throw this.#arena.refusal(size, cause);
			}
			tried.add(other);
			try {
				await other.drain();
			} catch (error) {
				// The other one's next sync reports it too.
				cause ??= error;
			}
		}
	}

	giveBack(holder: BufferHolder, address: number): void {
		this.#holders.delete(holder);
		this.#arena.free(address);
	}

	#nextBut(tried: ReadonlySet<BufferHolder>): BufferHolder | undefined {
		for (const holder of this.#holders) {
			if (!tried.has(holder) && holder.failure === undefined) {
				return holder;
			}
		}
		return undefined;
	}
}

/** The memory of one write buffer, present only from its taking until it is given back. */
export class WriteBuffer {
	readonly #memory: WriteMemory;
	readonly #holder: BufferHolder;
	readonly #size: number;
	#address: number | undefined;

	constructor(memory: WriteMemory, holder: BufferHolder, size: number) {
		this.#memory = memory;
		this.#holder = holder;
		this.#size = size;
	}

	get isTaken(): boolean {
		return this.#address !== undefined;
	}

	/** Its address, once it is taken. */
	get address(): number {
		if (this.#address === undefined) {
			throw new TypeError("a write buffer that is not taken has no address");
		}
		return this.#address;
	}

	/** Takes it where that needs no wait. Returns whether it is taken. */
	tryTake(): boolean {
		this.#address ??= this.#memory.tryTake(this.#holder, this.#size);
		return this.#address !== undefined;
	}

	/** Takes it. Throws ERR_MEMORY. */
	async take(): Promise<void> {
		this.#address ??= await this.#memory.take(this.#holder, this.#size);
	}

	giveBack(): void {
		if (this.#address !== undefined) {
			this.#memory.giveBack(this.#holder, this.#address);
			this.#address = undefined;
		}
	}
}
