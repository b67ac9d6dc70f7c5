import { Core } from "../../../src/core/core.ts";
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
import type { Awaitable } from "../../../src/turns/awaitable.ts";
import { KERNEL_ERROR } from "../runs/failure.ts";

/** Counts a host's held resources, and fails one call after a number of others. */
export class CountingHost extends DelegatingHost {
	/** Files and locks that are not released. */
	held = 0;
	/** How many calls pass. The next one fails, and all later ones pass. */
	passing = Number.POSITIVE_INFINITY;

	override async open(
		path: string,
		mode: OpenMode,
		options?: HostOpenOptions,
	): Promise<HostFile | undefined> {
		const file = await this.call(() => super.open(path, mode, options));
		this.held += file === undefined ? 0 : 1;
		return file && new CountingFile(this, file);
	}

	override list(directory: string) {
		return this.call(() => super.list(directory));
	}

	override makeDirectory(path: string) {
		return this.call(() => super.makeDirectory(path));
	}

	override remove(path: string) {
		return this.call(() => super.remove(path));
	}

	override rename(from: string, to: string) {
		return this.call(() => super.rename(from, to));
	}

	override syncDirectory(path: string) {
		return this.call(() => super.syncDirectory(path));
	}

	override lock(path?: string): Promise<HostLock | undefined> {
		return this.#counted(() => super.lock(path));
	}

	override hold(): Promise<HostLock | undefined> {
		return this.#counted(() => super.hold());
	}

	call<T>(call: () => Awaitable<T>): Awaitable<T> {
		this.passing -= 1;
		if (this.passing === -1) {
			throw KERNEL_ERROR;
		}
		return call();
	}

	async #counted(
		take: () => Awaitable<HostLock | undefined>,
	): Promise<HostLock | undefined> {
		const lock = await this.call(take);
		this.held += lock === undefined ? 0 : 1;
		return (
			lock && {
				release: () => {
					this.held -= 1;
					return lock.release();
				},
			}
		);
	}
}

class CountingFile extends DelegatingFile {
	readonly #host: CountingHost;

	constructor(host: CountingHost, file: HostFile) {
		super(file);
		this.#host = host;
	}

	override size() {
		return this.#host.call(() => super.size());
	}

	override read(targets: readonly Uint8Array[], offset: number) {
		return this.#host.call(() => super.read(targets, offset));
	}

	override write(
		parts: readonly Uint8Array[],
		offset: number,
		options?: HostWriteOptions,
	) {
		return this.#host.call(() => super.write(parts, offset, options));
	}

	override truncate(size: number) {
		return this.#host.call(() => super.truncate(size));
	}

	override allocate(size: number) {
		return this.#host.call(() => super.allocate(size));
	}

	override sync() {
		return this.#host.call(() => super.sync());
	}

	override close() {
		this.#host.held -= 1;
		return super.close();
	}
}

/** Returns how many cores were loaded while `body` ran, and how many of them were not released. */
export async function coresOf(
	body: () => Promise<unknown>,
): Promise<{ loaded: number; kept: number }> {
	const { load } = Core;
	const { retire } = Core.prototype;
	const kept = new Set<Core>();
	let loaded = 0;
	Core.load = async (memoryBytes) => {
		const core = await load.call(Core, memoryBytes);
		kept.add(core);
		loaded += 1;
		return core;
	};
	Core.prototype.retire = function (this: Core, ...end: [number?]) {
		kept.delete(this);
		retire.apply(this, end);
	};
	try {
		await body();
	} finally {
		Core.load = load;
		Core.prototype.retire = retire;
	}
	return { loaded, kept: kept.size };
}
