/** The readers of slots: a freed slot is not written while its old frame is still read. */
export class SlotReaders {
	readonly #readers = new Map<bigint, number>();
	/** Slots that would be free but for their readers. */
	readonly #awaited = new Set<bigint>();
	readonly #free: (slots: readonly bigint[]) => void;

	constructor(free: (slots: readonly bigint[]) => void) {
		this.#free = free;
	}

	/** Reads a slot, and keeps it from being written meanwhile. */
	async during<T>(slot: bigint, read: () => Promise<T>): Promise<T> {
		this.#readers.set(slot, (this.#readers.get(slot) ?? 0) + 1);
		try {
			return await read();
		} finally {
			this.#end(slot);
		}
	}

	/** Frees slots that no mapping names any more, each as soon as nobody reads it. */
	free(slots: readonly bigint[]): void {
		const isRead = (slot: bigint) => this.#readers.has(slot);
		for (const slot of slots.filter(isRead)) {
			this.#awaited.add(slot);
		}
		this.#free(slots.filter((slot) => !isRead(slot)));
	}

	#end(slot: bigint): void {
		const left = (this.#readers.get(slot) ?? 0) - 1;
		if (left > 0) {
			this.#readers.set(slot, left);
			return;
		}
		this.#readers.delete(slot);
		if (this.#awaited.delete(slot)) {
			this.#free([slot]);
		}
	}
}
