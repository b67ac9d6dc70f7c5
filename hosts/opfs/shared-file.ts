import {
	type HostFile,
	type HostWriteOptions,
	PLAIN_FILE,
} from "../../src/host/host.ts";
import { OpenState } from "../../src/host/open-state.ts";
import type { Awaitable } from "../../src/turns/awaitable.ts";
import { endingAtOnce, endingWith } from "../../src/turns/endings.ts";
import { accessTo, readAll, resize, sizeOf, writeAll } from "./access.ts";
import { NAMES_MILLISECONDS, within } from "./deadline.ts";
import type { Ownership } from "./ownership.ts";
import type { AccessHandle, FileHandle } from "./platform.ts";

const STILL_MOVING = "a file that is moved while it is open has not arrived";

/**
 * A file and its one access handle, however often it is open. While the file is being moved, calls
 * wait for it.
 */
export class SharedFile {
	#file: FileHandle;
	#access: AccessHandle;
	#relocation: Promise<void> | undefined;
	#handles = 0;
	/** Called once, when the last handle has closed. */
	whenClosed: () => Awaitable<void> = () => undefined;

	private constructor(file: FileHandle, access: AccessHandle) {
		this.#file = file;
		this.#access = access;
	}

	static async open(file: FileHandle): Promise<SharedFile> {
		return new SharedFile(file, await accessTo(file));
	}

	/** One more handle. It changes nothing for an owner who has lost the store. */
	handle(isWritable: boolean, owner?: Ownership): HostFile {
		this.#handles += 1;
		return new OpfsFile(this, isWritable, owner);
	}

	get isRelocating(): boolean {
		return this.#relocation !== undefined;
	}

	/** Returns at once, except during a move. */
	use<T>(step: (access: AccessHandle) => Awaitable<T>): Awaitable<T> {
		if (this.#relocation === undefined) {
			return step(this.#access);
		}
		let late: Error | undefined;
		const again = () => {
			if (late !== undefined) {
				throw late;
			}
			return this.use(step);
		};
		const arrived = this.#relocation.then(again, again);
		return within(NAMES_MILLISECONDS, STILL_MOVING, arrived, (error) => {
			late = error;
		});
	}

	/** Releases one handle. */
	release(): Awaitable<void> {
		return this.use((access) => {
			this.#handles -= 1;
			if (this.#handles === 0) {
				return this.#close(access);
			}
		});
	}

	/** A file whose close fails is still closed for everybody. */
	#close(access: AccessHandle): Awaitable<void> {
		const over: Awaitable<void>[] = [];
		endingAtOnce(
			() => access.close(),
			() => over.push(this.whenClosed()),
		);
		return over[0];
	}

	/**
	 * Runs `move` while the file is closed, since no browser moves or replaces an open file. Then
	 * opens it again in the place that `move` returns; in its old place, when that fails.
	 */
	relocate(move: (file: FileHandle) => Promise<FileHandle>): Promise<void> {
		const relocation = this.#reopenAfter(move);
		const arrive = () => {
			this.#relocation = undefined;
		};
		// Attached before any call waits, so that waiting calls run before later ones.
		relocation.then(arrive, arrive);
		this.#relocation = relocation;
		return relocation;
	}

	async #reopenAfter(
		move: (file: FileHandle) => Promise<FileHandle>,
	): Promise<void> {
		this.#access.close();
		const moveIt = async () => {
			this.#file = await move(this.#file);
		};
		const reopen = async () => {
			this.#access = await accessTo(this.#file);
		};
		await endingWith(moveIt, reopen);
	}
}

class OpfsFile implements HostFile {
	readonly traits = PLAIN_FILE;
	readonly #shared: SharedFile;
	readonly #isWritable: boolean;
	readonly #owner: Ownership | undefined;
	readonly #state = new OpenState();

	constructor(
		shared: SharedFile,
		isWritable: boolean,
		owner: Ownership | undefined,
	) {
		this.#shared = shared;
		this.#isWritable = isWritable;
		this.#owner = owner;
	}

	size(): Awaitable<number> {
		return this.#use(sizeOf);
	}

	read(targets: readonly Uint8Array[], offset: number): Awaitable<number> {
		return this.#use((access) => readAll(access, targets, offset));
	}

	write(
		parts: readonly Uint8Array[],
		offset: number,
		{ synced = false }: HostWriteOptions = {},
	): Awaitable<void> {
		const kept = this.#shared.isRelocating
			? parts.map((part) => part.slice())
			: parts;
		return this.#change((access) => {
			writeAll(access, kept, offset);
			return synced ? access.flush() : undefined;
		});
	}

	pin(): boolean {
		return false;
	}

	truncate(size: number): Awaitable<void> {
		return this.#change((access) => resize(access, size));
	}

	allocate(size: number): Awaitable<boolean> {
		return this.#change((access) => {
			if (sizeOf(access) < size) {
				resize(access, size);
			}
			return false;
		});
	}

	sync(): Awaitable<void> {
		return this.#use((access) => {
			this.#owner?.refuseIfLost();
			return access.flush();
		});
	}

	close(): Awaitable<void> {
		return this.#state.close(() => this.#shared.release());
	}

	#use<T>(step: (access: AccessHandle) => Awaitable<T>): Awaitable<T> {
		this.#state.refuseIfClosed();
		return this.#shared.use(step);
	}

	#change<T>(step: (access: AccessHandle) => Awaitable<T>): Awaitable<T> {
		return this.#use((access) => {
			if (!this.#isWritable) {
				throw new DOMException(
					"the file is open to read only",
					"NoModificationAllowedError",
				);
			}
			this.#owner?.refuseIfLost();
			return step(access);
		});
	}
}
