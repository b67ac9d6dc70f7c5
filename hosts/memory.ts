import { failure, noRoom } from "../src/host/answers.ts";
import {
	type Host,
	type HostCapabilities,
	type HostEntry,
	type HostFile,
	type HostLock,
	type HostOpenOptions,
	type LockState,
	type OpenMode,
	PLAIN_FILE,
} from "../src/host/host.ts";
import { lockOf, OpenState } from "../src/host/open-state.ts";
import type { PackedStoreOptions } from "../src/packed/options.ts";
import { PackedStore } from "../src/packed/packed-store.ts";
import type { StorageOptions } from "../src/storage/options.ts";
import { Storage } from "../src/storage/storage.ts";

const CAPABILITIES: HostCapabilities = {
	name: "memory",
	directIO: false,
	ring: false,
	lockExcludes: "process",
	syncSurvives: "nothing",
	removeOpenFile: true,
};

/**
 * A store that lives as long as its host: open the same host again to find an earlier store's
 * files.
 *
 * @throws {TypeError} for an invalid name or options.
 * @throws {RangeError} for options out of range.
 * @throws {StorageError} ERR_LOCKED while another owner has it, ERR_CONFIG when dualslot.json
 * cannot be trusted, ERR_VERSION when its files are of a later version, ERR_IMPORT_INCOMPLETE where
 * an import has to be begun anew; ERR_UNSUPPORTED without WebAssembly SIMD; ERR_MEMORY,
 * ERR_NO_SPACE, ERR_IO.
 */
export async function openStorage(
	host: Host = memoryHost(),
	options: StorageOptions = {},
): Promise<Storage> {
	if (typeof host?.open !== "function") {
		throw new TypeError("openStorage of dualslot/memory takes a host first");
	}
	return Storage.open(host, options);
}

/**
 * A packed store that lives as long as its host.
 *
 * @throws {TypeError} for an invalid name or options.
 * @throws {RangeError} for options out of range.
 * @throws {StorageError} ERR_LOCKED while another owner has it, ERR_DIRECT_IO where it is required,
 * since there is none, ERR_MANIFEST_CORRUPT and ERR_BLOB_INSUFFICIENT_LENGTH for a manifest that is
 * damaged, ERR_VERSION for files of a later version; ERR_UNSUPPORTED without WebAssembly SIMD;
 * ERR_MEMORY, ERR_NO_SPACE, ERR_IO.
 */
export async function openPackedStore(
	host: Host = memoryHost(),
	options: PackedStoreOptions = {},
): Promise<PackedStore> {
	if (typeof host?.open !== "function") {
		throw new TypeError(
			"openPackedStore of dualslot/memory takes a host first",
		);
	}
	return PackedStore.open(host, options);
}

/** A directory tree in memory, where every call returns at once. */
export function memoryHost(): Host {
	return new MemoryHost();
}

type Directory = Map<string, Entry>;
type Entry = Directory | FileBytes;

function isDirectory(entry: Entry | undefined): entry is Directory {
	return entry !== undefined && !(entry instanceof FileBytes);
}

class MemoryHost implements Host {
	readonly capabilities = CAPABILITIES;
	readonly location = "memory";
	/** Holds the store's own directory as '', so it is missing, made and removed like any other. */
	readonly #top: Directory = new Map();
	readonly #locked = new Set<string>();

	open(
		path: string,
		mode: OpenMode,
		options?: HostOpenOptions,
	): HostFile | undefined {
		const found = this.#find(partsOf(path));
		if (isDirectory(found)) {
			throw failure("EISDIR", path);
		}
		if (options?.direct) {
			throw failure("EINVAL", path);
		}
		if (mode === "read" || mode === "write") {
			return found && new MemoryFile(found, path, mode === "write");
		}
		const bytes = found ?? this.#put(path, new FileBytes());
		if (mode === "replace") {
			bytes.resize(0);
		}
		return new MemoryFile(bytes, path, true);
	}

	list(path: string): HostEntry[] | undefined {
		if (this.#find(partsOf(path)) === undefined) {
			return undefined;
		}
		const entries = this.#directory(partsOf(path));
		return Array.from(entries, ([name, entry]) => ({
			name,
			kind: isDirectory(entry) ? "directory" : "file",
		}));
	}

	makeDirectory(path: string): boolean {
		const found = this.#find(partsOf(path));
		if (found instanceof FileBytes) {
			throw failure("EEXIST", path);
		}
		if (found === undefined) {
			this.#put(path, new Map());
		}
		return found === undefined;
	}

	remove(path: string): boolean {
		const { parent, name } = splitLast(path);
		const missing = this.#find(parent) === undefined;
		return !missing && this.#directory(parent).delete(name);
	}

	rename(from: string, to: string): void {
		const moved = this.#find(partsOf(from));
		if (moved === undefined) {
			throw failure("ENOENT", from);
		}
		if (isDirectory(moved)) {
			throw failure("EISDIR", from);
		}
		if (isDirectory(this.#find(partsOf(to)))) {
			throw failure("EISDIR", to);
		}
		this.#put(to, moved);
		if (from !== to) {
			this.remove(from);
		}
	}

	syncDirectory(path: string): void {
		this.#directory(partsOf(path));
	}

	lock(path = ""): HostLock | undefined {
		if (this.#locked.has(path)) {
			return undefined;
		}
		if (path !== "") {
			this.open(path, "create")?.close();
		}
		this.#locked.add(path);
		return lockOf(() => {
			this.#locked.delete(path);
		});
	}

	lockState(): LockState {
		return this.#locked.has("") ? "held" : "free";
	}

	hold(): undefined {
		return undefined;
	}

	loadZstd(): undefined {
		return undefined;
	}

	#find(parts: readonly string[]): Entry | undefined {
		let entry: Entry | undefined = this.#top;
		for (const name of parts) {
			if (entry instanceof FileBytes) {
				throw failure("ENOTDIR", parts.join("/"));
			}
			entry = entry?.get(name);
		}
		return entry;
	}

	#directory(parts: readonly string[]): Directory {
		const found = this.#find(parts);
		if (isDirectory(found)) {
			return found;
		}
		throw failure(found ? "ENOTDIR" : "ENOENT", parts.join("/"));
	}

	#put<T extends Entry>(path: string, entry: T): T {
		const { parent, name } = splitLast(path);
		this.#directory(parent).set(name, entry);
		return entry;
	}
}

/** A file's bytes, which all its handles share. A removed file's bytes are found by no name. */
class FileBytes {
	/** Zero from `#size` on, so that extending only moves the size. */
	#buffer = new Uint8Array(0);
	#size = 0;

	get size(): number {
		return this.#size;
	}

	read(target: Uint8Array, offset: number): number {
		const end = Math.min(offset + target.length, this.#size);
		const found = this.#buffer.subarray(Math.min(offset, end), end);
		target.set(found);
		return found.length;
	}

	write(part: Uint8Array, offset: number): void {
		const end = offset + part.length;
		this.#reserve(end);
		this.#buffer.set(part, offset);
		this.#size = Math.max(this.#size, end);
	}

	resize(size: number): void {
		this.#reserve(size);
		this.#buffer.fill(0, Math.min(size, this.#size), this.#size);
		this.#size = size;
	}

	#reserve(size: number): void {
		if (size > this.#buffer.length) {
			const grown = emptyBytes(Math.max(size, this.#buffer.length * 2));
			grown.set(this.#buffer);
			this.#buffer = grown;
		}
	}
}

class MemoryFile implements HostFile {
	readonly traits = PLAIN_FILE;
	readonly #bytes: FileBytes;
	readonly #path: string;
	readonly #writable: boolean;
	readonly #state = new OpenState();

	constructor(bytes: FileBytes, path: string, writable: boolean) {
		this.#bytes = bytes;
		this.#path = path;
		this.#writable = writable;
	}

	size(): number {
		return this.#opened().size;
	}

	read(targets: readonly Uint8Array[], offset: number): number {
		const bytes = this.#opened();
		let filled = 0;
		for (const target of targets) {
			filled += bytes.read(target, offset + filled);
		}
		return filled;
	}

	write(parts: readonly Uint8Array[], offset: number): void {
		const bytes = this.#changeable();
		let position = offset;
		for (const part of parts) {
			// As on a disk, an empty write past the end does not extend a file.
			if (part.length > 0) {
				bytes.write(part, position);
				position += part.length;
			}
		}
	}

	pin(): boolean {
		return false;
	}

	truncate(size: number): void {
		this.#changeable().resize(size);
	}

	allocate(size: number): boolean {
		const bytes = this.#changeable();
		bytes.resize(Math.max(bytes.size, size));
		return false;
	}

	sync(): void {
		this.#opened();
	}

	close(): void {
		this.#state.close(() => undefined);
	}

	#opened(): FileBytes {
		this.#state.refuseIfClosed();
		return this.#bytes;
	}

	#changeable(): FileBytes {
		if (!this.#writable) {
			throw failure("EBADF", this.#path);
		}
		return this.#opened();
	}
}

/** Memory is the disk here. */
function emptyBytes(length: number): Uint8Array<ArrayBuffer> {
	try {
		return new Uint8Array(length);
	} catch {
		throw noRoom(`no memory for ${length} bytes`);
	}
}

function partsOf(path: string): string[] {
	return path === "" ? [""] : ["", ...path.split("/")];
}

function splitLast(path: string): { parent: string[]; name: string } {
	return {
		parent: partsOf(path).slice(0, -1),
		name: path.slice(path.lastIndexOf("/") + 1),
	};
}
