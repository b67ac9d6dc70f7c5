import type {
	Awaitable,
	Host,
	HostEntry,
	HostFile,
	HostLock,
	OpenMode,
} from "../../src/host.ts";

/** What stands between the engine and a host: each hook has the call at hand, and makes it or does not. */
export interface Interceptor {
	open?(
		path: string,
		mode: OpenMode,
		call: Call<HostFile | undefined>,
	): Result<HostFile | undefined>;
	list?(
		directory: string,
		call: Call<HostEntry[] | undefined>,
	): Result<HostEntry[] | undefined>;
	makeDirectory?(path: string, call: Call<boolean>): Result<boolean>;
	remove?(path: string, call: Call<boolean>): Result<boolean>;
	syncDirectory?(path: string, call: Call<void>): Result<void>;
	read?(path: string, call: Call<number>): Result<number>;
	write?(path: string, write: Write, call: Call<void>): Result<void>;
	truncate?(path: string, size: number, call: Call<void>): Result<void>;
	sync?(path: string, call: Call<void>): Result<void>;
}

export interface Write {
	readonly parts: readonly Uint8Array[];
	readonly offset: number;
	readonly length: number;
	/** The file itself, to write only a part. */
	readonly file: HostFile;
}

type Call<T> = () => Awaitable<T>;
type Result<T> = Awaitable<T>;

/** A host whose calls go through the hooks that are set; they can be set and taken away while it is in use. */
export class InterceptedHost implements Host {
	readonly capabilities: Host["capabilities"];
	readonly location: string;
	readonly #host: Host;
	hooks: Interceptor;

	constructor(host: Host, hooks: Interceptor = {}) {
		this.capabilities = host.capabilities;
		this.location = host.location;
		this.#host = host;
		this.hooks = hooks;
	}

	async open(path: string, mode: OpenMode): Promise<HostFile | undefined> {
		const call = () => this.#host.open(path, mode);
		const file = await (this.hooks.open?.(path, mode, call) ?? call());
		return file && new InterceptedFile(this, path, file);
	}

	list(directory: string): Awaitable<HostEntry[] | undefined> {
		const call = () => this.#host.list(directory);
		return this.hooks.list ? this.hooks.list(directory, call) : call();
	}

	makeDirectory(path: string): Awaitable<boolean> {
		const call = () => this.#host.makeDirectory(path);
		return this.hooks.makeDirectory?.(path, call) ?? call();
	}

	remove(path: string): Awaitable<boolean> {
		const call = () => this.#host.remove(path);
		return this.hooks.remove?.(path, call) ?? call();
	}

	rename(from: string, to: string): Awaitable<void> {
		return this.#host.rename(from, to);
	}

	syncDirectory(path: string): Awaitable<void> {
		const call = () => this.#host.syncDirectory(path);
		const { syncDirectory } = this.hooks;
		return syncDirectory ? syncDirectory(path, call) : call();
	}

	lock(): Awaitable<HostLock | undefined> {
		return this.#host.lock();
	}
}

class InterceptedFile implements HostFile {
	readonly alignment: number;
	readonly #host: InterceptedHost;
	readonly #path: string;
	readonly #file: HostFile;

	constructor(host: InterceptedHost, path: string, file: HostFile) {
		this.alignment = file.alignment;
		this.#host = host;
		this.#path = path;
		this.#file = file;
	}

	size(): Awaitable<number> {
		return this.#file.size();
	}

	read(target: Uint8Array, offset: number): Awaitable<number> {
		const call = () => this.#file.read(target, offset);
		return this.#host.hooks.read?.(this.#path, call) ?? call();
	}

	write(parts: readonly Uint8Array[], offset: number): Awaitable<void> {
		const call = () => this.#file.write(parts, offset);
		const { write } = this.#host.hooks;
		if (write === undefined) {
			return call();
		}
		const length = parts.reduce((sum, part) => sum + part.length, 0);
		const details = { parts, offset, length, file: this.#file };
		return write(this.#path, details, call);
	}

	truncate(size: number): Awaitable<void> {
		const call = () => this.#file.truncate(size);
		const { truncate } = this.#host.hooks;
		return truncate ? truncate(this.#path, size, call) : call();
	}

	sync(): Awaitable<void> {
		const call = () => this.#file.sync();
		const { sync } = this.#host.hooks;
		return sync ? sync(this.#path, call) : call();
	}

	close(): Awaitable<void> {
		return this.#file.close();
	}
}
