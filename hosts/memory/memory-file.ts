import { failure, noRoom } from "../../src/host/answers.ts";
import { type HostFile, PLAIN_FILE } from "../../src/host/host.ts";
import { OpenState } from "../../src/host/open-state.ts";

/** A file's bytes, which all its handles share. A removed file's bytes are found by no name. */
export class FileBytes {
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

/** An open file of a memory host. */
export class MemoryFile implements HostFile {
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
