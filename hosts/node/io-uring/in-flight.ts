import type { Operation } from "./operation.ts";
import type { Ticket } from "./queues.ts";

/** An operation, and who waits for it. */
export interface Request {
	readonly operation: Operation;
	readonly resolve: (count: number) => void;
	readonly reject: (reason: unknown) => void;
}

/**
 * Operations that the kernel has not given back. Each is found by its ticket, once: a completion
 * with another ticket belongs to no operation in flight.
 */
export class InFlight {
	readonly most: number;
	readonly #requests: (Request | undefined)[];
	readonly #uses: Uint32Array;
	readonly #free: number[];

	constructor(most: number) {
		this.most = most;
		this.#requests = Array.from({ length: most });
		this.#uses = new Uint32Array(most);
		this.#free = Array.from({ length: most }, (_, slot) => most - 1 - slot);
	}

	get count(): number {
		return this.#requests.length - this.#free.length;
	}

	get isFull(): boolean {
		return this.#free.length === 0;
	}

	/** It must have room. */
	add(request: Request): Ticket {
		const slot = this.#free.pop() ?? 0;
		this.#requests[slot] = request;
		return { slot, use: this.#uses[slot] ?? 0 };
	}

	/** Undefined for a ticket of nothing in flight. */
	take({ slot, use }: Ticket): Request | undefined {
		const request = this.#requests[slot];
		if (request === undefined || this.#uses[slot] !== use) {
			return undefined;
		}
		this.#requests[slot] = undefined;
		this.#uses[slot] = use + 1;
		this.#free.push(slot);
		return request;
	}
}
