import { DIRECT_ALIGNMENT, FRAME_SIZE } from "../../assembly/format.ts";
import type { Arena } from "../arena.ts";
import type { Core } from "../core.ts";
import type { StorageError } from "../errors.ts";
import { Frame } from "./frame.ts";

export interface LeaseOptions {
	/** Ends the wait for a frame: the lease rejects with its reason. */
	readonly signal?: AbortSignal;
}

/** Somebody who waits for frames. */
interface Waiter {
	readonly count: number;
	readonly take: (frames: Frame[]) => void;
	readonly refuse: (reason: unknown) => void;
}

/** Frames of a fixed number, carved out of linear memory once. Who asks for more than are free waits, and none overtakes another. */
export class FramePool {
	readonly size: number;
	readonly #core: Core;
	readonly #free: number[] = [];
	#waiting: Waiter[] = [];
	#refusal: StorageError | undefined;

	/** Throws ERR_MEMORY when the store's memory has no room for them. */
	constructor(core: Core, arena: Arena, size: number) {
		this.#core = core;
		this.size = size;
		for (let count = 0; count < size; count += 1) {
			this.#free.push(arena.allocate(FRAME_SIZE, DIRECT_ALIGNMENT));
		}
	}

	/** One frame, of zeros. */
	async allocate(options: LeaseOptions = {}): Promise<Frame> {
		const frame = await this.leaseOne(options);
		frame.bytes.fill(0);
		return frame;
	}

	/** One frame, with whatever it holds. */
	async leaseOne(options: LeaseOptions = {}): Promise<Frame> {
		const [frame] = await this.lease(1, options);
		if (frame === undefined) {
			throw new TypeError("a lease of no frame");
		}
		return frame;
	}

	/** So many frames together, with whatever they hold: all of it is overwritten before anyone sees it. */
	lease(count: number, { signal }: LeaseOptions = {}): Promise<Frame[]> {
		if (signal?.aborted) {
			return Promise.reject(signal.reason);
		}
		if (this.#refusal !== undefined) {
			return Promise.reject(this.#refusal);
		}
		if (this.#waiting.length === 0 && count <= this.#free.length) {
			return Promise.resolve(this.#take(count));
		}
		return this.#wait(count, signal);
	}

	/** Whether a frame is one of this pool's. */
	owns(frame: Frame): boolean {
		return frame.isOf(this.#core);
	}

	/** Whether every frame is back. */
	get isWhole(): boolean {
		return this.#free.length === this.size;
	}

	/** Refuses who waits and who still comes. Frames that are out stay what they are. */
	close(refusal: StorageError): void {
		this.#refusal = refusal;
		for (const { refuse } of this.#waiting) {
			refuse(refusal);
		}
	}

	async #wait(
		count: number,
		signal: AbortSignal | undefined,
	): Promise<Frame[]> {
		let waiter: Waiter | undefined;
		const onAbort = () => waiter?.refuse(signal?.reason);
		try {
			return await new Promise<Frame[]>((take, refuse) => {
				waiter = { count, take, refuse };
				this.#waiting.push(waiter);
				signal?.addEventListener("abort", onAbort);
			});
		} catch (error) {
			this.#waiting = this.#waiting.filter((other) => other !== waiter);
			this.#serve();
			throw error;
		} finally {
			signal?.removeEventListener("abort", onAbort);
		}
	}

	#take(count: number): Frame[] {
		return this.#free
			.splice(this.#free.length - count)
			.map(
				(address) =>
					new Frame(this.#core, address, (freed) => this.#giveBack(freed)),
			);
	}

	#giveBack(address: number): void {
		this.#free.push(address);
		this.#serve();
	}

	#serve(): void {
		for (
			let [next] = this.#waiting;
			next !== undefined && next.count <= this.#free.length;
			[next] = this.#waiting
		) {
			this.#waiting.shift();
			next.take(this.#take(next.count));
		}
	}
}
