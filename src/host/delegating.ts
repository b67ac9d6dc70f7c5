import { isPromise } from "../checks.ts";
import type { Awaitable } from "../turns/awaitable.ts";
import type {
	FileTraits,
	Host,
	HostEntry,
	HostFile,
	HostLock,
	HostOpenOptions,
	HostSyncOptions,
	HostWriteOptions,
	LockState,
	OpenMode,
} from "./host.ts";
import type { Zstd } from "./zstd.ts";

/**
 * Continues with a call's result: synchronously where the call returned a value, so that a wrapper
 * costs a synchronous host no turn of the event loop.
 */
export function andThen<T, U>(
	answer: Awaitable<T>,
	next: (value: T) => Awaitable<U>,
): Awaitable<U> {
	return isPromise(answer) ? answer.then(next) : next(answer);
}

/** Passes every call on. Wrappers between the engine and a host override the calls they change. */
export class DelegatingHost implements Host {
	readonly location: string;
	/** The host that calls are passed on to. */
	protected readonly host: Host;

	constructor(host: Host) {
		this.location = host.location;
		this.host = host;
	}

	get capabilities(): Host["capabilities"] {
		return this.host.capabilities;
	}

	open(
		path: string,
		mode: OpenMode,
		options?: HostOpenOptions,
	): Awaitable<HostFile | undefined> {
		return this.host.open(path, mode, options);
	}

	list(directory: string): Awaitable<HostEntry[] | undefined> {
		return this.host.list(directory);
	}

	makeDirectory(path: string): Awaitable<boolean> {
		return this.host.makeDirectory(path);
	}

	remove(path: string): Awaitable<boolean> {
		return this.host.remove(path);
	}

	rename(from: string, to: string): Awaitable<void> {
		return this.host.rename(from, to);
	}

	syncDirectory(path: string): Awaitable<void> {
		return this.host.syncDirectory(path);
	}

	lock(path?: string): Awaitable<HostLock | undefined> {
		return this.host.lock(path);
	}

	lockState(): Awaitable<LockState> {
		return this.host.lockState();
	}

	hold(): Awaitable<HostLock | undefined> {
		return this.host.hold();
	}

	loadZstd(): Awaitable<Zstd | undefined> {
		return this.host.loadZstd();
	}
}

/** Passes every call on. */
export class DelegatingFile implements HostFile {
	readonly traits: FileTraits;
	protected readonly file: HostFile;

	constructor(file: HostFile) {
		this.traits = file.traits;
		this.file = file;
	}

	size(): Awaitable<number> {
		return this.file.size();
	}

	read(targets: readonly Uint8Array[], offset: number): Awaitable<number> {
		return this.file.read(targets, offset);
	}

	write(
		parts: readonly Uint8Array[],
		offset: number,
		options?: HostWriteOptions,
	): Awaitable<void> {
		return this.file.write(parts, offset, options);
	}

	pin(memory: readonly Uint8Array[]): Awaitable<boolean> {
		return this.file.pin(memory);
	}

	truncate(size: number): Awaitable<void> {
		return this.file.truncate(size);
	}

	allocate(size: number): Awaitable<boolean> {
		return this.file.allocate(size);
	}

	sync(options?: HostSyncOptions): Awaitable<void> {
		return this.file.sync(options);
	}

	close(): Awaitable<void> {
		return this.file.close();
	}
}
