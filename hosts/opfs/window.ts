import { lengthOf } from "../../src/bytes.ts";
import { countRead, fileSize } from "../../src/host/answers.ts";
import type {
	Host,
	HostEntry,
	HostFile,
	HostLock,
	OpenMode,
} from "../../src/host/host.ts";
import { lockOf, OpenState } from "../../src/host/open-state.ts";
import type { Connection } from "./connection.ts";
import { OPFS_CAPABILITIES } from "./directory.ts";

/**
 * The same directory as OpfsDirectory, from where files cannot be opened: a worker does, and moves
 * the bytes. Nothing answers at once.
 */
export class WindowHost implements Host {
	readonly capabilities = OPFS_CAPABILITIES;
	readonly location: string;
	readonly #connect: () => Connection;
	#connection: Connection | undefined;

	/** Connects when it is first used, and stays with that connection. */
	constructor(name: string, connect: () => Connection) {
		this.location = name;
		this.#connect = connect;
	}

	async open(path: string, mode: OpenMode): Promise<HostFile | undefined> {
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

	/** The worker holds it, and loses it with the window. */
	async lock(path?: string): Promise<HostLock | undefined> {
		const connection = this.#connected();
		const store = this.location;
		const lock = await connection.ask({ call: "lock", store, path });
		return lock === undefined
			? undefined
			: lockOf(() => connection.ask({ call: "unlock", lock }));
	}

	#connected(): Connection {
		this.#connection ??= this.#connect();
		return this.#connection;
	}
}

class WindowFile implements HostFile {
	readonly alignment = 1;
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

	async read(target: Uint8Array, offset: number): Promise<number> {
		const { length } = target;
		const file = this.#file;
		const bytes = await this.#opened.ask({
			call: "read",
			file,
			offset,
			length,
		});
		const count = countRead(bytes.byteLength, length);
		target.set(new Uint8Array(bytes));
		return count;
	}

	/**
	 * The parts may change as soon as this returns, and linear memory cannot be given away: they are
	 * copied, once.
	 */
	async write(parts: readonly Uint8Array[], offset: number): Promise<void> {
		const bytes = joined(parts);
		const file = this.#file;
		return this.#opened.ask({ call: "write", file, offset, bytes }, [bytes]);
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

function joined(parts: readonly Uint8Array[]): ArrayBuffer {
	const whole = new Uint8Array(lengthOf(parts));
	let at = 0;
	for (const part of parts) {
		whole.set(part, at);
		at += part.length;
	}
	return whole.buffer;
}
