import { StorageError } from "../../src/errors.ts";
import { failure } from "../../src/host/answers.ts";
import type { HostFile, HostLock } from "../../src/host/host.ts";
import type { Awaitable } from "../../src/turns/awaitable.ts";
import { endingAll } from "../../src/turns/endings.ts";
import { OpfsDirectory } from "./directory.ts";
import type { Answer, Request } from "./messages.ts";
import { checkName } from "./store-name.ts";

/** Performs a window's requests, one at a time, and keeps the window's files and locks. */
export class ByteMover {
	readonly #files = new Numbered<HostFile>("file");
	readonly #locks = new Numbered<HostLock>("lock");
	/** By a store's name: each knows which of its locks are held. */
	readonly #directories = new Map<string, OpfsDirectory>();
	readonly #stores: ReadonlySet<string> | undefined;

	/** For the stores of these names, or for all. */
	constructor(stores: readonly string[] | undefined) {
		this.#stores = stores && new Set(stores);
	}

	/** The caller may be anybody's script: every name is checked. */
	perform(request: Request): Awaitable<Answer> {
		if ("store" in request) {
			this.#checkStore(request.store);
			return this.#inStore(this.#directory(request.store), request);
		}
		if (request.call === "unlock") {
			return this.#locks.take(request.lock).release();
		}
		return this.#inFile(request);
	}

	/** Closes and releases all that is left. */
	async letGo(): Promise<void> {
		const closes = this.#files.takeAll().map((file) => () => file.close());
		const releases = this.#locks.takeAll().map((lock) => () => lock.release());
		await endingAll([...closes, ...releases]);
	}

	#checkStore(name: string): void {
		checkName(name);
		if (this.#stores?.has(name) === false) {
			throw failure("EACCES", `this worker does not serve the store ${name}`);
		}
	}

	#directory(name: string): OpfsDirectory {
		const directory = this.#directories.get(name) ?? new OpfsDirectory(name);
		this.#directories.set(name, directory);
		return directory;
	}

	#inStore(
		directory: OpfsDirectory,
		request: Extract<Request, { store: string }>,
	): Awaitable<Answer> {
		switch (request.call) {
			case "open":
				return this.#open(directory, request);
			case "list":
				return directory.list(request.path);
			case "makeDirectory":
				return directory.makeDirectory(request.path);
			case "remove":
				return directory.remove(request.path);
			case "rename":
				return directory.rename(request.from, request.to);
			case "syncDirectory":
				return directory.syncDirectory(request.path);
			case "lock":
				return this.#lock(directory, request);
			case "lockState":
				return directory.lockState();
			default:
				return unknownCall(request);
		}
	}

	#inFile(request: Extract<Request, { file: number }>): Awaitable<Answer> {
		if (request.call === "close") {
			return this.#files.take(request.file).close();
		}
		const file = this.#files.get(request.file);
		switch (request.call) {
			case "size":
				return file.size();
			case "read":
				return readFrom(file, request);
			case "write":
				return file.write([new Uint8Array(request.bytes)], request.offset);
			case "truncate":
				return file.truncate(request.size);
			case "allocate":
				return file.allocate(request.size);
			case "sync":
				return file.sync();
			default:
				return unknownCall(request);
		}
	}

	async #open(
		directory: OpfsDirectory,
		{ path, mode }: Request<"open">,
	): Promise<Answer<"open">> {
		const file = await directory.open(path, mode);
		return file && this.#files.add(file);
	}

	async #lock(
		directory: OpfsDirectory,
		{ path }: Request<"lock">,
	): Promise<Answer<"lock">> {
		const lock = await directory.lock(path);
		return lock && this.#locks.add(lock);
	}
}

/** For a window with another version of dualslot: a call that is not done must not seem done. */
function unknownCall(request: never): never {
	const { call } = request as { call?: unknown };
	throw new StorageError(
		"ERR_UNSUPPORTED",
		`the worker has another version of dualslot: it knows no call ${call}`,
	);
}

/** A buffer of exactly the bytes that were read, to be transferred. */
async function readFrom(
	file: HostFile,
	{ offset, length }: Request<"read">,
): Promise<ArrayBuffer> {
	const bytes = new Uint8Array(length);
	const count = await file.read([bytes], offset);
	return count === length ? bytes.buffer : bytes.buffer.slice(0, count);
}

/** Objects that the other end knows by number. */
class Numbered<T> {
	readonly #kind: string;
	readonly #values = new Map<number, T>();
	#last = 0;

	constructor(kind: string) {
		this.#kind = kind;
	}

	add(value: T): number {
		this.#last += 1;
		this.#values.set(this.#last, value);
		return this.#last;
	}

	get(number: number): T {
		const value = this.#values.get(number);
		if (value === undefined) {
			throw failure("EBADF", `there is no ${this.#kind} ${number}`);
		}
		return value;
	}

	take(number: number): T {
		const value = this.get(number);
		this.#values.delete(number);
		return value;
	}

	takeAll(): T[] {
		const all = [...this.#values.values()];
		this.#values.clear();
		return all;
	}
}
