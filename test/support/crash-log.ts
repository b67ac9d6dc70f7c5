import type {
	Awaitable,
	Host,
	HostEntry,
	HostFile,
	HostLock,
	OpenMode,
} from "../../src/host.ts";

/** One step of a host that changes what a disk holds, or makes it hold. Files are known by a number that outlives their names. */
export type DiskStep =
	| { readonly kind: "make"; readonly path: string; readonly file: number }
	| { readonly kind: "makeDirectory"; readonly path: string }
	| { readonly kind: "remove"; readonly path: string }
	| {
			readonly kind: "rename";
			readonly from: string;
			readonly to: string;
			readonly file: number;
	  }
	| { readonly kind: "syncDirectory"; readonly path: string }
	| {
			readonly kind: "write";
			readonly file: number;
			readonly path: string;
			readonly offset: number;
			readonly bytes: Uint8Array;
	  }
	| { readonly kind: "truncate"; readonly file: number; readonly size: number }
	| { readonly kind: "sync"; readonly file: number };

/** A wrapper over a host that logs every step in the order in which it was handed over. */
export class CrashLog implements Host {
	readonly capabilities;
	readonly location;
	readonly steps: DiskStep[] = [];
	readonly #host: Host;
	readonly #files = new Map<string, number>();
	#lastFile = 0;

	constructor(host: Host) {
		this.#host = host;
		this.capabilities = host.capabilities;
		this.location = host.location;
	}

	/** Names the files that are there before the first step. */
	begin(paths: Iterable<string>): void {
		for (const path of paths) {
			this.#lastFile += 1;
			this.#files.set(path, this.#lastFile);
		}
	}

	async open(path: string, mode: OpenMode): Promise<HostFile | undefined> {
		const file = await this.#host.open(path, mode);
		if (file === undefined) {
			return undefined;
		}
		const known = this.#files.get(path);
		if (known !== undefined) {
			if (mode === "replace") {
				this.steps.push({ kind: "truncate", file: known, size: 0 });
			}
			return new LoggedFile(file, known, path, this.steps);
		}
		this.#lastFile += 1;
		this.#files.set(path, this.#lastFile);
		this.steps.push({ kind: "make", path, file: this.#lastFile });
		return new LoggedFile(file, this.#lastFile, path, this.steps);
	}

	list(directory: string): Awaitable<HostEntry[] | undefined> {
		return this.#host.list(directory);
	}

	async makeDirectory(path: string): Promise<boolean> {
		const isMade = await this.#host.makeDirectory(path);
		if (isMade) {
			this.steps.push({ kind: "makeDirectory", path });
		}
		return isMade;
	}

	async remove(path: string): Promise<boolean> {
		const isRemoved = await this.#host.remove(path);
		if (isRemoved) {
			this.steps.push({ kind: "remove", path });
			this.#forget(path);
		}
		return isRemoved;
	}

	async rename(from: string, to: string): Promise<void> {
		await this.#host.rename(from, to);
		const file = this.#files.get(from);
		if (file === undefined) {
			throw new Error(`${from} was renamed and never made`);
		}
		this.steps.push({ kind: "rename", from, to, file });
		this.#files.delete(from);
		this.#files.set(to, file);
	}

	async syncDirectory(path: string): Promise<void> {
		await this.#host.syncDirectory(path);
		this.steps.push({ kind: "syncDirectory", path });
	}

	lock(): Awaitable<HostLock | undefined> {
		return this.#host.lock();
	}

	#forget(path: string): void {
		for (const known of [...this.#files.keys()]) {
			if (known === path || known.startsWith(`${path}/`)) {
				this.#files.delete(known);
			}
		}
	}
}

class LoggedFile implements HostFile {
	readonly alignment: number;
	readonly #inner: HostFile;
	readonly #file: number;
	readonly #path: string;
	readonly #steps: DiskStep[];

	constructor(inner: HostFile, file: number, path: string, steps: DiskStep[]) {
		this.alignment = inner.alignment;
		this.#inner = inner;
		this.#file = file;
		this.#path = path;
		this.#steps = steps;
	}

	size(): Awaitable<number> {
		return this.#inner.size();
	}

	read(target: Uint8Array, offset: number): Awaitable<number> {
		return this.#inner.read(target, offset);
	}

	async write(parts: readonly Uint8Array[], offset: number): Promise<void> {
		const bytes = new Uint8Array(
			parts.reduce((sum, part) => sum + part.length, 0),
		);
		let at = 0;
		for (const part of parts) {
			bytes.set(part, at);
			at += part.length;
		}
		await this.#inner.write(parts, offset);
		const file = this.#file;
		const path = this.#path;
		this.#steps.push({ kind: "write", file, path, offset, bytes });
	}

	async truncate(size: number): Promise<void> {
		await this.#inner.truncate(size);
		this.#steps.push({ kind: "truncate", file: this.#file, size });
	}

	async sync(): Promise<void> {
		await this.#inner.sync();
		this.#steps.push({ kind: "sync", file: this.#file });
	}

	close(): Awaitable<void> {
		return this.#inner.close();
	}
}
