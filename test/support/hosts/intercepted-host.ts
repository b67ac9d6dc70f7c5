import { lengthOf } from "../../../src/bytes.ts";
import {
	DelegatingFile,
	DelegatingHost,
} from "../../../src/host/delegating.ts";
import type {
	FileTraits,
	Host,
	HostCapabilities,
	HostEntry,
	HostFile,
	HostOpenOptions,
	HostSyncOptions,
	HostWriteOptions,
	OpenMode,
} from "../../../src/host/host.ts";
import type { Awaitable } from "../../../src/turns/awaitable.ts";

/** Hooks between the engine and a host: each gets the call, and makes it or does not. */
export interface Interceptor {
	open?(
		path: string,
		mode: OpenMode,
		call: Call<HostFile | undefined>,
		options?: HostOpenOptions,
	): Result<HostFile | undefined>;
	list?(
		directory: string,
		call: Call<HostEntry[] | undefined>,
	): Result<HostEntry[] | undefined>;
	makeDirectory?(path: string, call: Call<boolean>): Result<boolean>;
	remove?(path: string, call: Call<boolean>): Result<boolean>;
	rename?(from: string, to: string, call: Call<void>): Result<void>;
	syncDirectory?(path: string, call: Call<void>): Result<void>;
	read?(path: string, call: Call<number>): Result<number>;
	write?(path: string, write: Write, call: Call<void>): Result<void>;
	truncate?(path: string, size: number, call: Call<void>): Result<void>;
	allocate?(path: string, size: number, call: Call<boolean>): Result<boolean>;
	sync?(path: string, call: Call<void>): Result<void>;
	/** For a sync in the background, in the place of `sync`. */
	syncBehind?(path: string, call: Call<void>): Result<void>;
	close?(path: string, call: Call<void>): Result<void>;
}

export interface Write {
	readonly parts: readonly Uint8Array[];
	readonly offset: number;
	readonly length: number;
	readonly synced: boolean;
	readonly background: boolean;
	/** The file itself, for a write of only a part. */
	readonly file: HostFile;
}

type Call<T> = () => Awaitable<T>;
type Result<T> = Awaitable<T>;

/** A host whose calls go through hooks. Hooks can be set and removed while it is in use. */
export class InterceptedHost extends DelegatingHost {
	hooks: Interceptor;
	/** As in the host's capabilities, unless a test says otherwise. */
	zerosAfter: number | undefined;
	readonly seesSyncedWrites: boolean;

	/**
	 * By default hooks get a write and a sync, each for itself, of hosts too that make both in one call:
	 * a row that holds syncs back would wait for ever. With `seesSyncedWrites` they get that one call.
	 */
	constructor(host: Host, hooks: Interceptor = {}, seesSyncedWrites = false) {
		super(host);
		this.hooks = hooks;
		this.seesSyncedWrites = seesSyncedWrites;
	}

	override get capabilities(): HostCapabilities {
		const { capabilities } = this.host;
		const { zerosAfter = capabilities.zerosAfter } = this;
		return zerosAfter === undefined
			? capabilities
			: { ...capabilities, zerosAfter };
	}

	override async open(
		path: string,
		mode: OpenMode,
		options?: HostOpenOptions,
	): Promise<HostFile | undefined> {
		const call = () => super.open(path, mode, options);
		const file = await (this.hooks.open?.(path, mode, call, options) ?? call());
		return file && new InterceptedFile(this, path, file);
	}

	override list(directory: string): Awaitable<HostEntry[] | undefined> {
		const call = () => super.list(directory);
		return this.hooks.list ? this.hooks.list(directory, call) : call();
	}

	override makeDirectory(path: string): Awaitable<boolean> {
		const call = () => super.makeDirectory(path);
		return this.hooks.makeDirectory?.(path, call) ?? call();
	}

	override remove(path: string): Awaitable<boolean> {
		const call = () => super.remove(path);
		return this.hooks.remove?.(path, call) ?? call();
	}

	override rename(from: string, to: string): Awaitable<void> {
		const call = () => super.rename(from, to);
		const { rename } = this.hooks;
		return rename ? rename(from, to, call) : call();
	}

	override syncDirectory(path: string): Awaitable<void> {
		const call = () => super.syncDirectory(path);
		const { syncDirectory } = this.hooks;
		return syncDirectory ? syncDirectory(path, call) : call();
	}
}

class InterceptedFile extends DelegatingFile {
	override readonly traits: FileTraits;
	readonly #host: InterceptedHost;
	readonly #path: string;

	constructor(host: InterceptedHost, path: string, file: HostFile) {
		super(file);
		this.traits = host.seesSyncedWrites
			? file.traits
			: { ...file.traits, syncsWrites: false };
		this.#host = host;
		this.#path = path;
	}

	override read(
		targets: readonly Uint8Array[],
		offset: number,
	): Awaitable<number> {
		const call = () => super.read(targets, offset);
		return this.#host.hooks.read?.(this.#path, call) ?? call();
	}

	override write(
		parts: readonly Uint8Array[],
		offset: number,
		options?: HostWriteOptions,
	): Awaitable<void> {
		const call = () => super.write(parts, offset, options);
		const { write } = this.#host.hooks;
		if (write === undefined) {
			return call();
		}
		const length = lengthOf(parts);
		const synced = options?.synced ?? false;
		const background = options?.background ?? false;
		const { file } = this;
		const details = { parts, offset, length, synced, background, file };
		return write(this.#path, details, call);
	}

	override truncate(size: number): Awaitable<void> {
		const call = () => super.truncate(size);
		const { truncate } = this.#host.hooks;
		return truncate ? truncate(this.#path, size, call) : call();
	}

	override allocate(size: number): Awaitable<boolean> {
		const call = () => super.allocate(size);
		const { allocate } = this.#host.hooks;
		return allocate ? allocate(this.#path, size, call) : call();
	}

	override sync(options?: HostSyncOptions): Awaitable<void> {
		const call = () => super.sync(options);
		const { sync, syncBehind } = this.#host.hooks;
		const hook = options?.background ? (syncBehind ?? sync) : sync;
		return hook ? hook(this.#path, call) : call();
	}

	override close(): Awaitable<void> {
		const call = () => super.close();
		const { close } = this.#host.hooks;
		return close ? close(this.#path, call) : call();
	}
}
