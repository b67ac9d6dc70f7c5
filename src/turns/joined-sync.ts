import type { Mutex } from "./mutex.ts";

/**
 * Callers that come within these turns of the microtask queue share one host sync: as many as it
 * takes for writers that one sync has just released to append again and to ask for the next. They
 * are counted within the sync's own turn: a call that waited for the sync before would else leave
 * behind all those that it released, and writers would be halved for good.
 */
const JOINING_TURNS = 10;

/**
 * A sync that takes its turn. Calls that come before its turn has begun share it; later ones wait
 * for the next.
 */
export class JoinedSync {
	readonly #turn: Mutex;
	readonly #step: () => Promise<void>;
	#joinable: Promise<void> | undefined;

	constructor(turn: Mutex, step: () => Promise<void>) {
		this.#turn = turn;
		this.#step = step;
	}

	run(): Promise<void> {
		this.#joinable ??= this.#runJoined();
		return this.#joinable;
	}

	async #runJoined(): Promise<void> {
		await this.#turn.run(async () => {
			for (let turn = 0; turn < JOINING_TURNS; turn += 1) {
				await undefined;
			}
			this.#joinable = undefined;
			await this.#step();
		});
	}
}
