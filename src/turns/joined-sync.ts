import type { Mutex } from "./mutex.ts";

/**
 * Callers that come within these turns of the microtask queue share one host sync. These turns
 * suffice for writers that one sync has just released to append again and to ask for the next. They
 * are counted within the sync's own turn. Else a call that waited for the previous sync would leave
 * behind all that it released, and writers would stay split in halves.
 */
const JOINING_TURNS = 10;

/**
 * A sync under a mutex. Calls that come before its host sync begins share it; later ones wait for
 * the next.
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
