import type { InterceptedHost } from "./intercepted-host.ts";

/** Syncs of a host that end when the test lets them. */
export class HeldSyncs {
	readonly #held: (() => void)[] = [];
	readonly #waiting: { count: number; resolve: () => void }[] = [];
	#isOpen = false;
	begun = 0;
	completed = 0;

	/** Holds the syncs of one file from now on. */
	static of(host: InterceptedHost, path: string): HeldSyncs {
		const held = new HeldSyncs();
		host.hooks.sync = (synced, call) =>
			synced === path ? held.#hold(call) : call();
		return held;
	}

	/** Resolves when that many syncs have reached the host. */
	whenBegun(count: number): Promise<void> {
		return new Promise((resolve) => {
			this.#waiting.push({ count, resolve });
			this.#notify();
		});
	}

	/** Lets the oldest sync that is held complete. */
	release(): void {
		this.#held.shift()?.();
	}

	/** Holds nothing any more. */
	releaseAll(): void {
		this.#isOpen = true;
		for (const release of this.#held.splice(0)) {
			release();
		}
	}

	async #hold(call: () => unknown): Promise<void> {
		this.begun += 1;
		this.#notify();
		if (!this.#isOpen) {
			await new Promise<void>((resolve) => this.#held.push(resolve));
		}
		await call();
		this.completed += 1;
	}

	#notify(): void {
		for (const { count, resolve } of this.#waiting) {
			if (this.begun >= count) {
				resolve();
			}
		}
	}
}

/** Runs everything that can go on without an outside answer. */
export async function settleTurns(): Promise<void> {
	for (let turn = 0; turn < 20; turn += 1) {
		await new Promise((resolve) => setTimeout(resolve));
	}
}
