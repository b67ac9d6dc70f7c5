import { closeSync, fstatSync, statSync } from "node:fs";
import { join } from "node:path";
import { StorageError } from "../../src/errors.ts";
import type { HostLock } from "../../src/host/host.ts";
import { lockOf } from "../../src/host/open-state.ts";
import { isPartitionName } from "../../src/storage/names.ts";
import type { Awaitable } from "../../src/turns/awaitable.ts";
import {
	endingAtOnceIfFailed,
	endingIfFailed,
} from "../../src/turns/endings.ts";
import { openDirectory } from "./plain-files.ts";

interface Identity {
	readonly dev: number;
	readonly ino: number;
}

/**
 * The directories that a store's names led to when it was locked, and at their first use since.
 * Each may be moved meanwhile, and another be made under its name. The directory is held, not its
 * name: so nothing is looked for or changed under a name that leads elsewhere.
 */
export class HeldDirectory {
	readonly #path: string;
	#holders = 0;
	#held: Identity | undefined;
	#locks = 0;
	/** The directories in it, by their names. */
	readonly #used = new Map<string, Identity>();

	constructor(path: string) {
		this.#path = path;
	}

	/** The names of its directories that were used since it was locked. */
	get used(): string[] {
		return [...this.#used.keys()];
	}

	/**
	 * Takes a lock on the directory, or on a file in it. Throws ERR_MOVED where the path leads
	 * elsewhere by then.
	 */
	async locking(
		take: () => Awaitable<HostLock | undefined>,
	): Promise<HostLock | undefined> {
		const found = identityOf(this.#path);
		const lock = await take();
		if (lock === undefined) {
			return undefined;
		}
		this.#locks += 1;
		return this.#hold(found, () => this.#unlock(lock));
	}

	/**
	 * Holds the directory for a reader, who takes no lock, and excludes nobody. A descriptor stays
	 * open: after a removal no other one gets its number.
	 */
	async holding(): Promise<HostLock> {
		const fd = openDirectory(this.#path);
		const close = () => closeSync(fd);
		const found = endingAtOnceIfFailed(() => fstatSync(fd), close);
		return this.#hold(found, close);
	}

	/** Throws ERR_MOVED where it is held, and its path leads elsewhere, or nowhere. */
	refuseIfMoved(): void {
		if (this.#held !== undefined) {
			this.#refuseUnless(this.#held, identityOf(this.#path), this.#path);
		}
	}

	/**
	 * Throws ERR_MOVED where the store is locked, and another directory has the name than at its
	 * first use. Readers accept any: the owner may have removed a partition, and made another.
	 */
	use(name: string, found: Identity | undefined): void {
		if (!isPartitionName(name)) {
			// Users may inspect the copies of cut bytes, and move or remove them.
			return;
		}
		const used = this.#used.get(name);
		if (used === undefined) {
			if (found !== undefined && this.#locks > 0) {
				this.#used.set(name, { dev: found.dev, ino: found.ino });
			}
		} else {
			this.#refuseUnless(used, found, join(this.#path, name));
		}
	}

	/** The directory has lost its name. */
	forget(name: string): void {
		this.#used.delete(name);
	}

	async #hold(
		found: Identity | undefined,
		release: () => Awaitable<void>,
	): Promise<HostLock> {
		this.#held ??= found;
		this.#holders += 1;
		const held = lockOf(() => this.#letGo(release));
		await endingIfFailed(
			() => this.refuseIfMoved(),
			() => held.release(),
		);
		return held;
	}

	async #letGo(release: () => Awaitable<void>): Promise<void> {
		this.#holders -= 1;
		if (this.#holders === 0) {
			this.#held = undefined;
		}
		await release();
	}

	async #unlock(lock: HostLock): Promise<void> {
		this.#locks -= 1;
		if (this.#locks === 0) {
			this.#used.clear();
		}
		await lock.release();
	}

	#refuseUnless(
		held: Identity,
		found: Identity | undefined,
		path: string,
	): void {
		if (found?.dev !== held.dev || found.ino !== held.ino) {
			throw new StorageError(
				"ERR_MOVED",
				`${path} is not the directory any more that was used: it was moved or removed, or another one has its name`,
				{ path },
			);
		}
	}
}

function identityOf(path: string): Identity | undefined {
	return statSync(path, { throwIfNoEntry: false });
}
