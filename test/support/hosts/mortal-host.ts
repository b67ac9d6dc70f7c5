import {
	DelegatingFile,
	DelegatingHost,
} from "../../../src/host/delegating.ts";
import type {
	HostFile,
	HostLock,
	HostOpenOptions,
	HostWriteOptions,
	OpenMode,
} from "../../../src/host/host.ts";

/** The error of every call once the process is killed. */
class Killed extends Error {}

/**
 * A process that uses a host, and can be killed: no later change reaches the host. Earlier changes
 * stay, and are no more durable for that. Its locks end with it.
 */
export class MortalHost extends DelegatingHost {
	#left = Number.POSITIVE_INFINITY;
	readonly #locks = new Set<HostLock>();

	/** Lets so many more changes pass. */
	dieAfter(changes: number): void {
		this.#left = changes;
	}

	get isDead(): boolean {
		return this.#left < 0;
	}

	async end(): Promise<void> {
		this.#left = -1;
		for (const lock of this.#locks) {
			await lock.release();
		}
	}

	/** Throws Killed from the first change that does not pass. */
	spend(): void {
		this.#left = this.#left <= 0 ? -1 : this.#left - 1;
		if (this.isDead) {
			throw new Killed("the process was killed");
		}
	}

	override async open(
		path: string,
		mode: OpenMode,
		options?: HostOpenOptions,
	): Promise<HostFile | undefined> {
		if (mode === "replace") {
			this.spend();
		}
		const file = await super.open(path, mode, options);
		return file && new MortalFile(file, this);
	}

	override async rename(from: string, to: string): Promise<void> {
		this.spend();
		await super.rename(from, to);
	}

	override async syncDirectory(path: string): Promise<void> {
		this.spend();
		await super.syncDirectory(path);
	}

	override async lock(path?: string): Promise<HostLock | undefined> {
		const lock = await super.lock(path);
		if (lock !== undefined) {
			this.#locks.add(lock);
		}
		return lock && { release: () => this.#release(lock) };
	}

	async #release(lock: HostLock): Promise<void> {
		if (this.#locks.delete(lock)) {
			await lock.release();
		}
	}
}

class MortalFile extends DelegatingFile {
	readonly #process: MortalHost;

	constructor(file: HostFile, process: MortalHost) {
		super(file);
		this.#process = process;
	}

	override async write(
		parts: readonly Uint8Array[],
		offset: number,
		options?: HostWriteOptions,
	): Promise<void> {
		this.#process.spend();
		await super.write(parts, offset, options);
	}

	override async truncate(size: number): Promise<void> {
		this.#process.spend();
		await super.truncate(size);
	}

	override async allocate(size: number): Promise<boolean> {
		this.#process.spend();
		return super.allocate(size);
	}

	override async sync(): Promise<void> {
		this.#process.spend();
		await super.sync();
	}
}
