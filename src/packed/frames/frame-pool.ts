import { DIRECT_ALIGNMENT, FRAME_SIZE } from "../../../assembly/format.ts";
import { checkOptions, checkSignal, checkWhole } from "../../checks.ts";
import type { Arena } from "../../core/arena.ts";
import type { Core } from "../../core/core.ts";
import { StorageError } from "../../errors.ts";
import { onAbort } from "../../turns/abort.ts";
import { FrameLease } from "./frame-lease.ts";

/** A timer that is set for longer ends at once. */
const TIMER_MAX = 2 ** 31 - 1;

export interface LeaseOptions {
	/** Ends the wait for a frame: the lease rejects with its reason. */
	readonly signal?: AbortSignal;
	/**
	 * Milliseconds to wait for a frame, after which the lease rejects with ERR_MEMORY; 0 waits for
	 * none. Without it, a lease waits as long as it takes.
	 */
	readonly wait?: number;
}

/** Throws TypeError and RangeError. */
export function checkLease(options: LeaseOptions): void {
	checkOptions(options);
	const { signal, wait } = options;
	checkSignal(signal);
	if (wait !== undefined) {
		checkWhole("wait", wait);
	}
}

/** A caller that waits for frames. */
interface Waiter {
	readonly most: number;
	readonly isLent: boolean;
	readonly take: (frames: FrameLease[]) => void;
	readonly refuse: (reason: unknown) => void;
}

/**
 * A fixed number of frames, carved out of linear memory once. Callers wait while none is free, and
 * are served in order.
 */
export class FramePool {
	readonly size: number;
	readonly #core: Core;
	readonly #free: number[] = [];
	/** How many are leased to users, who alone can release them. */
	#lent = 0;
	#waiting: Waiter[] = [];
	#refusal: (() => StorageError) | undefined;

	/** Throws ERR_MEMORY when the store's memory has no room for them. */
	constructor(core: Core, arena: Arena, size: number) {
		this.#core = core;
		this.size = size;
		for (let count = 0; count < size; count += 1) {
			this.#free.push(arena.allocate(FRAME_SIZE, DIRECT_ALIGNMENT));
		}
	}

	/** One frame of zeros, for the store's user. */
	async allocate(options: LeaseOptions = {}): Promise<FrameLease> {
		options.signal?.throwIfAborted();
		if (this.#refusal !== undefined) {
			throw this.#refusal();
		}
		const frame = onlyOne(await this.#ask(1, true, options));
		frame.bytes.fill(0);
		return frame;
	}

	/**
	 * As many frames as are free, from one to `most`, which the engine will give back. It waits for
	 * no second one: that could wait for ever, for the caller's own frames. They hold old bytes,
	 * which are overwritten before anyone sees them.
	 */
	async lease(most: number): Promise<FrameLease[]> {
		if (this.#refusal !== undefined && this.#lent === this.size) {
			throw this.#refusal();
		}
		return this.#ask(most, false);
	}

	/** As lease, of one. */
	async leaseOne(): Promise<FrameLease> {
		return onlyOne(await this.lease(1));
	}

	/** All of its frames, in the order of their leases. Call it only while none is leased. */
	get memory(): Uint8Array[] {
		return this.#free
			.map((address) => this.#core.bytes(address, FRAME_SIZE))
			.reverse();
	}

	/** Whether a frame belongs to this pool. */
	owns(frame: FrameLease): boolean {
		return frame.isOf(this.#core);
	}

	/** How many of its frames are leased. */
	get inUse(): number {
		return this.size - this.#free.length;
	}

	/** Whether every frame is back. */
	get isWhole(): boolean {
		return this.#free.length === this.size;
	}

	/**
	 * Refuses users, also those that wait, and the engine where users have every frame. Leased frames
	 * stay valid.
	 */
	close(refusal: () => StorageError): void {
		this.#refusal = refusal;
		for (const { isLent, refuse } of [...this.#waiting]) {
			if (isLent || this.#lent === this.size) {
				refuse(refusal());
			}
		}
	}

	#ask(
		most: number,
		isLent: boolean,
		options: LeaseOptions = {},
	): Promise<FrameLease[]> {
		return new Promise((resolve, reject) => {
			const end = () => {
				forget();
				this.#waiting = this.#waiting.filter((other) => other !== waiter);
			};
			const take = (frames: FrameLease[]) => {
				end();
				resolve(frames);
			};
			const refuse = (reason: unknown) => {
				end();
				reject(reason);
			};
			const waiter: Waiter = { most, isLent, take, refuse };
			this.#waiting.push(waiter);
			const forget = this.#limit(waiter, options);
			this.#serve();
		});
	}

	/** Ends a wait when its time runs out or its signal is aborted; the result cancels that. */
	#limit({ refuse }: Waiter, { signal, wait }: LeaseOptions): () => void {
		const unlisten = onAbort(signal, () => refuse(signal?.reason));
		if (wait === undefined || wait > TIMER_MAX) {
			return unlisten;
		}
		const timer = setTimeout(() => refuse(this.#allLeased(wait)), wait);
		return () => {
			unlisten();
			clearTimeout(timer);
		};
	}

	#allLeased(wait: number): StorageError {
		return new StorageError(
			"ERR_MEMORY",
			`all ${this.size} frames are leased, and none was released in ${wait} ms: release frames, or open the store with more { frames }`,
			{ expected: 1, found: 0 },
		);
	}

	#serve(): void {
		for (
			let [next] = this.#waiting;
			next !== undefined && this.#free.length > 0;
			[next] = this.#waiting
		) {
			next.take(this.#take(next.most, next.isLent));
		}
	}

	#take(most: number, isLent: boolean): FrameLease[] {
		const taken = this.#free.splice(-Math.min(most, this.#free.length));
		const each = isLent ? 1 : 0;
		this.#lent += each * taken.length;
		const giveBack = (address: number) => {
			this.#lent -= each;
			this.#free.push(address);
			this.#serve();
		};
		return taken.map(
			(address) => new FrameLease(this.#core, address, giveBack),
		);
	}
}

function onlyOne([frame]: readonly FrameLease[]): FrameLease {
	if (frame === undefined) {
		throw new TypeError("a lease of no frame");
	}
	return frame;
}
