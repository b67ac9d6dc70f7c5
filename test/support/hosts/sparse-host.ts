import { memoryHost } from "../../../hosts/memory.ts";
import { DelegatingHost } from "../../../src/host/delegating.ts";
import {
	type HostFile,
	type HostLock,
	type OpenMode,
	PLAIN_FILE,
} from "../../../src/host/host.ts";
import { SparseBytes } from "../disks/sparse-bytes.ts";

/** A file, under any name. */
interface SparseFile {
	bytes: SparseBytes;
}

/**
 * A host in memory whose files share equal bytes with images of a disk: laying one down costs
 * nothing. Its capabilities are a memory host's.
 */
export class SparseHost extends DelegatingHost {
	readonly #files = new Map<string, SparseFile>();
	readonly #directories = new Set([""]);
	readonly #locks = new Set<string>();

	constructor() {
		super(memoryHost());
	}

	/** The current files by path. */
	get files(): ReadonlyMap<string, SparseBytes> {
		return new Map([...this.#files].map(([path, { bytes }]) => [path, bytes]));
	}

	/** Lays a file down. */
	put(path: string, bytes: SparseBytes): void {
		this.#files.set(path, { bytes });
	}

	override open(path: string, mode: OpenMode): HostFile | undefined {
		const found = this.#files.get(path);
		if (found === undefined && (mode === "read" || mode === "write")) {
			return undefined;
		}
		const file = found ?? { bytes: SparseBytes.NOTHING };
		this.#files.set(path, file);
		if (mode === "replace") {
			file.bytes = SparseBytes.NOTHING;
		}
		return new OpenSparseFile(file);
	}

	override list(directory: string): ReturnType<DelegatingHost["list"]> {
		const start = directory === "" ? "" : `${directory}/`;
		return [...this.#files.keys()]
			.filter((path) => path.startsWith(start))
			.map((path) => path.slice(start.length))
			.filter((name) => !name.includes("/"))
			.map((name) => ({ name, kind: "file" }));
	}

	/** The store's own directory exists from the start. */
	override makeDirectory(path: string): boolean {
		const isMissing = !this.#directories.has(path);
		this.#directories.add(path);
		return isMissing;
	}

	override syncDirectory(): void {
		// Nothing outlives this.
	}

	override remove(path: string): boolean {
		return this.#files.delete(path);
	}

	override rename(from: string, to: string): void {
		const file = this.#files.get(from);
		if (file === undefined) {
			throw new Error(`${from} is not there to rename`);
		}
		this.#files.delete(from);
		this.#files.set(to, file);
	}

	override lock(path = ""): HostLock | undefined {
		if (this.#locks.has(path)) {
			return undefined;
		}
		if (path !== "") {
			this.open(path, "create");
		}
		this.#locks.add(path);
		return { release: () => void this.#locks.delete(path) };
	}
}

class OpenSparseFile implements HostFile {
	readonly traits = PLAIN_FILE;
	readonly #file: SparseFile;

	constructor(file: SparseFile) {
		this.#file = file;
	}

	size(): number {
		return this.#file.bytes.size;
	}

	read(targets: readonly Uint8Array[], offset: number): number {
		let filled = 0;
		for (const target of targets) {
			filled += this.#file.bytes.read(target, offset + filled);
		}
		return filled;
	}

	pin(): boolean {
		return false;
	}

	write(parts: readonly Uint8Array[], offset: number): void {
		let at = offset;
		for (const part of parts) {
			this.#file.bytes = this.#file.bytes.written(part.slice(), at);
			at += part.length;
		}
	}

	truncate(size: number): void {
		this.#file.bytes = this.#file.bytes.resized(size);
	}

	allocate(size: number): boolean {
		this.truncate(Math.max(size, this.size()));
		return true;
	}

	sync(): void {
		// Nothing outlives this.
	}

	close(): void {
		// Its holders may go on.
	}
}
