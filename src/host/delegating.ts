import { isPromise } from "../checks.ts";
import type { Awaitable } from "../turns/awaitable.ts";
import type { Host, HostEntry, HostFile, HostLock, OpenMode } from "./host.ts";
import type { Zstd } from "./zstd.ts";

/**
 * Goes on with what a call has answered: at once where it answered at once, so that a wrapper costs
 * a synchronous host no turn of the event loop.
 */
export function andThen<T, U>(
	answer: Awaitable<T>,
	next: (value: T) => Awaitable<U>,
): Awaitable<U> {
	return isPromise(answer) ? answer.then(next) : next(answer);
}

/**
 * Passes every call on. What stands between the engine and a host changes the calls it is about.
 */
export class DelegatingHost implements Host {
	readonly location: string;
	protected readonly host: Host;

	constructor(host: Host) {
		this.location = host.location;
		this.host = host;
	}

	get capabilities(): Host["capabilities"] {
		return this.host.capabilities;
	}

	open(path: string, mode: OpenMode): Awaitable<HostFile | undefined> {
		return this.host.open(path, mode);
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

	hold(): Awaitable<HostLock | undefined> {
		return this.host.hold?.();
	}

	loadZstd(): Awaitable<Zstd | undefined> {
		return this.host.loadZstd?.();
	}
}

/**
 * Passes every call on. It offers neither readParts nor writeSynced: those are several calls in
 * one, each of which may be wrapped.
 */
export class DelegatingFile implements HostFile {
	readonly alignment: number;
	readonly depth?: number;
	protected readonly file: HostFile;

	constructor(file: HostFile) {
		this.alignment = file.alignment;
		if (file.depth !== undefined) {
			this.depth = file.depth;
		}
		this.file = file;
	}

	pin(memory: readonly Uint8Array[]): Awaitable<boolean> {
		return this.file.pin?.(memory) ?? false;
	}

	size(): Awaitable<number> {
		return this.file.size();
	}

	read(target: Uint8Array, offset: number): Awaitable<number> {
		return this.file.read(target, offset);
	}

	write(parts: readonly Uint8Array[], offset: number): Awaitable<void> {
		return this.file.write(parts, offset);
	}

	truncate(size: number): Awaitable<void> {
		return this.file.truncate(size);
	}

	allocate(size: number): Awaitable<boolean> {
		return this.file.allocate(size);
	}

	sync(): Awaitable<void> {
		return this.file.sync();
	}

	close(): Awaitable<void> {
		return this.file.close();
	}
}
