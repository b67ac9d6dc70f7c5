import type { Tip } from "./tip.ts";

/** What `TipAppends` needs from its blob. */
interface TipOwner {
	/** Hands over the full pages. */
	flushFull(): Promise<void>;
	/** Throws once the tip's memory is given back for good. */
	refuseIfReleased(): void;
}

/** Appends that may wait for memory, or for the host to take held bytes. One runs at a time. */
export class TipAppends {
	readonly #tip: Tip;
	readonly #capacity: number;
	readonly #owner: TipOwner;

	constructor(tip: Tip, capacity: number, owner: TipOwner) {
		this.#tip = tip;
		this.#capacity = capacity;
		this.#owner = owner;
	}

	async append(bytes: Uint8Array): Promise<void> {
		let taken = 0;
		do {
			while (!this.#isReady()) {
				await this.#tip.take();
			}
			const count = this.#tip.append(bytes.subarray(taken));
			taken += count;
			if (this.#tip.length > this.#capacity || taken < bytes.length) {
				await this.#flushFull(count);
			}
		} while (taken < bytes.length);
	}

	/** As `append`, for at most what the write buffer holds. Resolves to the first byte's offset. */
	async appendWhole(bytes: Uint8Array): Promise<number> {
		this.#owner.refuseIfReleased();
		if (!this.#tip.hasRoom(bytes.length)) {
			await this.#flushFull(0);
		}
		while (!this.#isReady()) {
			await this.#tip.take();
		}
		const offset = this.#tip.end;
		this.#tip.append(bytes);
		if (this.#tip.length > this.#capacity) {
			await this.#flushFull(bytes.length);
		}
		return offset;
	}

	/** Checked again after each wait: a sync may have given the memory back meanwhile. */
	#isReady(): boolean {
		this.#owner.refuseIfReleased();
		return this.#tip.tryTake();
	}

	/**
	 * When the host took no page, retracts the append that did not fit: its caller is told that it
	 * failed.
	 */
	async #flushFull(appended: number): Promise<void> {
		const { page } = this.#tip;
		try {
			await this.#owner.flushFull();
		} catch (error) {
			if (this.#tip.page === page) {
				this.#tip.retract(appended);
			}
			throw error;
		}
	}
}
