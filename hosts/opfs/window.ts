import { lengthOf } from "../../src/bytes.ts";
import { asStorageError, type StorageError } from "../../src/errors.ts";
import { countRead, fileSize } from "../../src/host/answers.ts";
import {
	type Host,
	type HostEntry,
	type HostFile,
	type HostLock,
	type HostOpenOptions,
	type HostWriteOptions,
	type LockState,
	type OpenMode,
	PLAIN_FILE,
} from "../../src/host/host.ts";
import { Observer } from "../../src/host/observer.ts";
import { lockOf, OpenState } from "../../src/host/open-state.ts";
import type { Connection } from "./connection.ts";
import { OPFS_CAPABILITIES, refuseDirect } from "./directory.ts";

/**
 * The same directory as OpfsDirectory, where files cannot be opened: a worker opens them, and moves
 * the bytes. Nothing returns at once.
 */
export class WindowHost implements Host {
	readonly capabilities = OPFS_CAPABILITIES;
	readonly location: string;
	readonly #connect: () => Connection;
	readonly #observer: Observer;
	#connection: Connection | undefined;
	/** The error that ended the connection. */
	#loss: StorageError | undefined;

	/**
	 * Connects when it is first used, and keeps that connection. Its loss is reported while the store
	 * is locked.
	 */
	constructor(
		name: string,
		connect: () => Connection,
		observer = new Observer(),
	) {
		this.location = name;
		this.#connect = connect;
		this.#observer = observer;
	}

	async open(
		path: string,
		mode: OpenMode,
		options?: HostOpenOptions,
	): Promise<HostFile | undefined> {
		refuseDirect(options);
		const connection = this.#connected();
		const file = await connection.ask({
			call: "open",
			store: this.location,
			path,
			mode,
		});
		return file === undefined ? undefined : new WindowFile(connection, file);
	}

	async list(path: string): Promise<HostEntry[] | undefined> {
		return this.#connected().ask({ call: "list", store: this.location, path });
	}

	async makeDirectory(path: string): Promise<boolean> {
		const store = this.location;
		return this.#connected().ask({ call: "makeDirectory", store, path });
	}

	async remove(path: string): Promise<boolean> {
		const store = this.location;
		return this.#connected().ask({ call: "remove", store, path });
	}

	async rename(from: string, to: string): Promise<void> {
		const store = this.location;
		return this.#connected().ask({ call: "rename", store, from, to });
	}

	async syncDirectory(path: string): Promise<void> {
		const store = this.location;
		return this.#connected().ask({ call: "syncDirectory", store, path });
	}

	/** The worker holds the lock, and loses it with the window. */
	async lock(path?: string): Promise<HostLock | undefined> {
		const connection = this.#connected();
		const store = this.location;
		const lock = await connection.ask({ call: "lock", store, path });
		if (lock === undefined) {
			return undefined;
		}
		const stopTelling = connection.whenLost((error) => this.#tell(error));
		return lockOf(() => {
			stopTelling();
			return connection.ask({ call: "unlock", lock });
		});
	}

	/** A store with several locks is told once. */
	#tell(error: Error): void {
		const path = this.location;
		const message = `${path}: the worker that moves the bytes was lost`;
		this.#loss ??= asStorageError(error, "ERR_IO", message, { path });
		this.#observer.error(this.#loss);
	}

	async lockState(): Promise<LockState> {
		return this.#connected().ask({ call: "lockState", store: this.location });
	}

	hold(): undefined {
		return undefined;
	}

	loadZstd(): undefined {
		return undefined;
	}

	#connected(): Connection {
		this.#connection ??= this.#connect();
		return this.#connection;
	}
}

class WindowFile implements HostFile {
	readonly traits = PLAIN_FILE;
	readonly #connection: Connection;
	readonly #file: number;
	readonly #state = new OpenState();

	constructor(connection: Connection, file: number) {
		this.#connection = connection;
		this.#file = file;
	}

	async size(): Promise<number> {
		const file = this.#file;
		return fileSize(await this.#opened.ask({ call: "size", file }));
	}

	/** One request, however many targets there are. */
	async read(targets: readonly Uint8Array[], offset: number): Promise<number> {
		const length = lengthOf(targets);
		const file = this.#file;
		const bytes = await this.#opened.ask({
			call: "read",
			file,
			offset,
			length,
		});
		const count = countRead(bytes.byteLength, length);
		deal(new Uint8Array(bytes), targets);
		return count;
	}

	/**
	 * The parts may change as soon as this returns, and linear memory cannot be transferred: they are
	 * copied, once.
	 */
	async write(
		parts: readonly Uint8Array[],
		offset: number,
		{ synced = false }: HostWriteOptions = {},
	): Promise<void> {
		const bytes = joined(parts);
		const file = this.#file;
		const connection = this.#opened;
		const written = connection.ask({ call: "write", file, offset, bytes }, [
			bytes,
		]);
		// Sent at once, so that no close comes between; requests keep their order.
		const ended = synced ? connection.ask({ call: "sync", file }) : undefined;
		await Promise.all([written, ended]);
	}

	pin(): boolean {
		return false;
	}

	async truncate(size: number): Promise<void> {
		return this.#opened.ask({ call: "truncate", file: this.#file, size });
	}

	async allocate(size: number): Promise<boolean> {
		return this.#opened.ask({ call: "allocate", file: this.#file, size });
	}

	async sync(): Promise<void> {
		return this.#opened.ask({ call: "sync", file: this.#file });
	}

	async close(): Promise<void> {
		const file = this.#file;
		await this.#state.close(() =>
			this.#connection.ask({ call: "close", file }),
		);
	}

	get #opened(): Connection {
		this.#state.refuseIfClosed();
		return this.#connection;
	}
}

/** Fills the targets, one after the other, as far as the bytes go. */
function deal(bytes: Uint8Array, targets: readonly Uint8Array[]): void {
	let at = 0;
	for (const target of targets) {
		const part = bytes.subarray(at, at + target.length);
		target.set(part);
		at += part.length;
	}
}

function joined(parts: readonly Uint8Array[]): ArrayBuffer {
	const whole = new Uint8Array(lengthOf(parts));
	let at = 0;
	for (const part of parts) {
		whole.set(part, at);
		at += part.length;
	}
	return whole.buffer;
}
