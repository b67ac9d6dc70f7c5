import { isBytes } from "../checks.ts";
import type { Bytes } from "../storage/blob-bytes.ts";
import type { OwnedBlob } from "../storage/storage-blob.ts";
import { UNSYNCED_WINDOW } from "../storage/unsynced-window.ts";

/** The ticket of bytes found at open. */
const FOUND = 1;

/**
 * Tracks which bytes one blob has handed to the host, and which are durable. Each mutation gets a
 * ticket. A completed sync covers all tickets issued before its host call began. One host sync runs
 * at a time.
 *
 * A blob starts with one ticket outstanding, because the bytes that an open found may exist only in
 * a cache. The first sync does fsync, even if nothing is written.
 */
export class Durability {
	readonly #blob: OwnedBlob;
	#mutations = FOUND;
	#covered = 0;
	/** Bytes handed over since the blob was opened, and how many of them a sync has covered. */
	#written: number;
	#durable = 0;
	#truncation = 0;
	#running: Promise<void> | undefined;

	/**
	 * `isSynced`: the open itself has just synced. Otherwise adopted bytes may fill the window. In an
	 * empty blob, so may bytes that a crashed writer cut off: a power cut would bring them back.
	 */
	constructor(blob: OwnedBlob, isSynced: boolean, foundCrash: boolean) {
		this.#blob = blob;
		this.#covered = isSynced ? FOUND : 0;
		const isDurable = isSynced || (blob.size === 0 && !foundCrash);
		this.#written = isDurable ? 0 : UNSYNCED_WINDOW;
	}

	/** The ticket of the last mutation. */
	get ticket(): number {
		return this.#mutations;
	}

	/** Whether anything was handed over since the blob was opened. */
	get isTouched(): boolean {
		return this.#mutations > FOUND;
	}

	get needsSync(): boolean {
		return this.#covered < this.#mutations;
	}

	/** Whether a truncation is not yet durable: later bytes must not reach the disk before it. */
	get isTruncated(): boolean {
		return this.#covered < this.#truncation;
	}

	/**
	 * Whether the disk too is known to have nothing behind the end: a sync has covered what opening
	 * found, and every truncation since.
	 */
	get isGrounded(): boolean {
		return this.#covered >= FOUND && !this.isTruncated;
	}

	/** Waits until `bytes` more fit the window of unsynced bytes. */
	async makeRoom(bytes: number): Promise<void> {
		while (this.#written - this.#durable + bytes > UNSYNCED_WINDOW) {
			await (this.#running ?? this.sync());
		}
	}

	/** Waits until the mutation of a ticket is durable, with as few syncs as possible. */
	async cover(ticket: number): Promise<void> {
		while (this.#covered < ticket) {
			await (this.#running ?? this.sync());
		}
	}

	/** Waits until bytes found at open are durable. */
	async coverFound(): Promise<void> {
		await this.cover(FOUND);
	}

	async write(offset: number, bytes: Bytes): Promise<void> {
		this.#account(bytes);
		await this.#blob.write(offset, bytes);
	}

	/**
	 * One range-synced write where nothing else is outstanding; otherwise a plain write and a full
	 * sync.
	 */
	async writeSync(offset: number, bytes: Bytes): Promise<void> {
		if (this.needsSync) {
			await this.write(offset, bytes);
			await this.sync();
			return;
		}
		this.#account(bytes);
		await this.#run(() => this.#blob.writeSync(offset, bytes));
	}

	/** Cuts the zeros ahead of the content, durably, and has no others written. */
	async cutZeros(): Promise<void> {
		const { zeros, size } = this.#blob;
		await zeros?.release();
		if (zeros?.mayLeaveZeros) {
			await this.resize(size);
			await this.cover(this.ticket);
		}
	}

	async resize(size: number): Promise<void> {
		this.#mutations += 1;
		this.#truncation = this.#mutations;
		await this.#blob.resize(size);
	}

	/**
	 * Covers every mutation so far. Waits for a running sync, then runs its own: it never joins one.
	 */
	async sync(): Promise<void> {
		while (this.#running !== undefined) {
			await this.#running;
		}
		await this.#run(() => this.#blob.sync());
	}

	/**
	 * From half a window on, syncs in the background, so that later appends need not wait. Does not
	 * wait.
	 */
	relieve(): void {
		const isHalfFull = this.#written - this.#durable > UNSYNCED_WINDOW / 2;
		if (isHalfFull && this.#running === undefined) {
			// A failure is not lost: the blob has reported it, and its latch refuses the next mutation or
			// sync.
			this.sync().catch(() => undefined);
		}
	}

	/** Waits until no host sync runs, however it ends. */
	async settle(): Promise<void> {
		while (this.#running !== undefined) {
			await this.#running.catch(() => undefined);
		}
	}

	#run(step: () => Promise<void>): Promise<void> {
		const running = this.#complete(step(), this.#mutations, this.#written);
		this.#running = running;
		return running;
	}

	async #complete(
		step: Promise<void>,
		ticket: number,
		written: number,
	): Promise<void> {
		try {
			await step;
			this.#covered = ticket;
			this.#durable = written;
		} finally {
			this.#running = undefined;
		}
	}

	#account(bytes: Bytes): void {
		const parts = isBytes(bytes) ? [bytes] : bytes;
		this.#mutations += 1;
		this.#written += parts.reduce((sum, part) => sum + part.length, 0);
	}
}
