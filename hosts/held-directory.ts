import { statSync } from "node:fs";
import { endingIfFailed } from "../src/endings.ts";
import { StorageError } from "../src/errors.ts";
import type { Awaitable, HostLock } from "../src/host.ts";
import { lockOf } from "../src/open-state.ts";

interface Identity {
	readonly dev: number;
	readonly ino: number;
}

/**
 * Which directory a store's path led to when it was locked. It may be moved while it is, and another one be made under its name:
 * what is locked is the directory, and so nothing is looked for or changed under a name that is another one's.
 */
export class HeldDirectory {
	readonly #path: string;
	#locks = 0;
	#locked: Identity | undefined;

	constructor(path: string) {
		this.#path = path;
	}

	/** Takes a lock on the directory, or on a file in it. Throws ERR_MOVED where the path leads elsewhere by then. */
	async locking(
		take: () => Awaitable<HostLock | undefined>,
	): Promise<HostLock | undefined> {
		const found = identityOf(this.#path);
		const lock = await take();
		if (lock === undefined) {
			return undefined;
		}
		this.#locked ??= found;
		this.#locks += 1;
		const held = lockOf(() => this.#release(lock));
		await endingIfFailed(
			() => this.refuseIfMoved(),
			() => held.release(),
		);
		return held;
	}

	/** Throws ERR_MOVED where it is locked, and its path leads elsewhere, or nowhere. */
	refuseIfMoved(): void {
		if (this.#locked === undefined) {
			return;
		}
		const { dev, ino } = this.#locked;
		const found = identityOf(this.#path);
		if (found?.dev !== dev || found.ino !== ino) {
			throw new StorageError(
				"ERR_MOVED",
				`${this.#path} is not the directory any more that was locked: it was moved, or another one has its name`,
				{ path: this.#path },
			);
		}
	}

	async #release(lock: HostLock): Promise<void> {
		this.#locks -= 1;
		if (this.#locks === 0) {
			this.#locked = undefined;
		}
		await lock.release();
	}
}

function identityOf(path: string): Identity | undefined {
	return statSync(path, { throwIfNoEntry: false });
}
