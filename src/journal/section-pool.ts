import { isStorageError, type StorageError } from "../errors.ts";
import type { LeftBlob } from "../paged/paged-section.ts";
import { closed } from "../refusals.ts";
import type { StoreContext } from "../storage/context.ts";
import type { Owner } from "../storage/owners.ts";
import { endingAll, endingWith, throwFirst } from "../turns/endings.ts";
import { Mutex } from "../turns/mutex.ts";
import { Signal } from "../turns/signal.ts";
import { inSection } from "./section.ts";

/**
 * The most sections of one journal that are open at once. Each takes one or two files and its write
 * buffers. To open another, the least recently used one is closed, sections with nothing to sync
 * first. Failed sections stay open in addition.
 */
export const OPEN_SECTIONS = 16;

/** An open section of a journal. */
export interface OpenSection {
	/** Logical bytes. */
	readonly size: number;
	/** Why changes are refused since a failed one (ERR_POISONED), or undefined. */
	readonly failure: StorageError | undefined;
	/** Whether all found and appended bytes are durable. */
	readonly isDurable: boolean;
	/** Whether a close would have nothing to sync. */
	readonly isClean: boolean;
	sync(): Promise<void>;
	/**
	 * Prepares a rewind to `size` bytes or fewer, and changes nothing. The returned function rewinds,
	 * durably.
	 */
	planRewind(size: number): Promise<() => Promise<void>>;
	close(): Promise<void>;
	drop(): Promise<void>;
}

/** The source of a journal's sections. */
export interface SectionSource<Open extends OpenSection> {
	readonly storage: StoreContext;
	/** The journal, as the one owner of its partitions. */
	readonly owner: Owner;
	/** Named in the journal's errors. */
	readonly partition: string;
	/** Opens a section; makes a missing one. `left` tells how this session closed it. */
	open(section: bigint, left: LeftBlob | undefined): Promise<Open>;
	/** Removes a section, durably. */
	remove(section: bigint): Promise<void>;
}

interface Slot<Open> {
	readonly section: bigint;
	readonly open: Open;
	/** Running calls: they keep it open. */
	users: number;
	/** When it was last used, on the clock of uses. */
	used: number;
}

/** The few sections of a journal that are open. */
export class OpenSections<Open extends OpenSection> {
	readonly #source: SectionSource<Open>;
	readonly #slots = new Map<bigint, Slot<Open>>();
	/**
	 * Number of calls, by section, that wait for their section to open. Later calls wait behind them.
	 */
	readonly #waiting = new Map<bigint, number>();
	/** How this session left the sections that it has closed. */
	readonly #left = new Map<bigint, LeftBlob>();
	/** One section is opened, or closed for another, at a time. */
	readonly #turn = new Mutex();
	readonly #released = new Signal();
	#clock = 0;
	#isEnded = false;

	constructor(source: SectionSource<Open>) {
		this.#source = source;
		source.storage.idleFiles.add(this.#closeIdle);
	}

	/** The section if it is open and no call waits for it, for a call that does not wait. */
	get(section: bigint): Open | undefined {
		return this.#waiting.has(section) ? undefined : this.#used(section)?.open;
	}

	/**
	 * Opens the section if needed, and keeps it open while a call runs on it. Calls on a section
	 * begin in the order in which they came.
	 */
	async use<T>(
		section: bigint,
		call: (open: Open) => Promise<T> | T,
	): Promise<T> {
		if (!this.#waiting.has(section)) {
			const slot = this.#pinned(section);
			if (slot !== undefined) {
				return this.#work(slot, call);
			}
		}
		const slot = await this.#arrival(section);
		// Only now, as the call begins: another could come between.
		this.#count(section, -1);
		return this.#work(slot, call);
	}

	/** Whether the whole section is known to be durable. */
	isDurable(section: bigint): boolean {
		const open = this.#slots.get(section)?.open ?? this.#left.get(section);
		return open?.isDurable === true;
	}

	/** Syncs all open sections. Rejects with the first failure when all syncs have ended. */
	async sync(): Promise<void> {
		const syncs = [...this.#slots.values()].map(async ({ section, open }) => {
			try {
				await open.sync();
			} catch (error) {
				throw this.#placed(error, section);
			}
		});
		throwFirst(await Promise.allSettled(syncs));
	}

	/** Drops a section that is about to be removed; its unsynced bytes are lost. */
	async forget(section: bigint): Promise<void> {
		const slot = this.#slots.get(section);
		this.#slots.delete(section);
		this.#left.delete(section);
		await slot?.open.drop();
	}

	/**
	 * Ends every open section, and opens no other. The first failure is thrown when all are ended.
	 */
	async end(how: (open: Open) => Promise<void>): Promise<void> {
		this.#isEnded = true;
		this.#source.storage.idleFiles.remove(this.#closeIdle);
		// A section that is being opened still gets its slot first.
		await this.#turn.run(async () => undefined);
		const slots = [...this.#slots.values()];
		const ends = slots.map(({ section, open }) => async () => {
			try {
				await how(open);
			} catch (error) {
				throw this.#placed(error, section);
			}
		});
		await endingWith(
			() => endingAll(ends),
			() => this.#slots.clear(),
		);
	}

	async #work<T>(
		slot: Slot<Open>,
		call: (open: Open) => Promise<T> | T,
	): Promise<T> {
		try {
			return await call(slot.open);
		} finally {
			slot.users -= 1;
			this.#released.raise();
		}
	}

	/** Counts a call that waits for its section. Once that opens, the call uncounts itself. */
	#arrival(section: bigint): Promise<Slot<Open>> {
		this.#count(section, 1);
		return this.#opened(section).catch((error: unknown) => {
			this.#count(section, -1);
			throw error;
		});
	}

	#count(section: bigint, change: 1 | -1): void {
		const count = (this.#waiting.get(section) ?? 0) + change;
		if (count === 0) {
			this.#waiting.delete(section);
		} else {
			this.#waiting.set(section, count);
		}
	}

	#used(section: bigint): Slot<Open> | undefined {
		const slot = this.#slots.get(section);
		if (slot !== undefined) {
			this.#clock += 1;
			slot.used = this.#clock;
		}
		return slot;
	}

	#pinned(section: bigint): Slot<Open> | undefined {
		const slot = this.#used(section);
		if (slot !== undefined) {
			slot.users += 1;
		}
		return slot;
	}

	#opened(section: bigint): Promise<Slot<Open>> {
		return this.#turn.run(async () => {
			const found = this.#pinned(section);
			if (found !== undefined) {
				return found;
			}
			while (this.#countOfSound >= OPEN_SECTIONS) {
				if (!(await this.#closeOne())) {
					await this.#released.wait();
				}
			}
			const open = await this.#open(section);
			const slot = { section, open, users: 1, used: this.#clock };
			this.#slots.set(section, slot);
			this.#left.delete(section);
			return slot;
		});
	}

	async #open(section: bigint): Promise<Open> {
		if (this.#isEnded) {
			const { partition } = this.#source;
			throw closed(partition, { partition, section });
		}
		const { idleFiles } = this.#source.storage;
		return idleFiles.opening(
			() => this.#source.open(section, this.#left.get(section)),
			() => this.#closeOne(),
		);
	}

	/**
	 * Frees a file for another opener, but not while a section is being opened: two journals could
	 * wait for each other for ever.
	 */
	readonly #closeIdle = async (): Promise<boolean> =>
		this.#turn.isFree && this.#turn.run(() => this.#closeOne());

	get #countOfSound(): number {
		let count = 0;
		for (const { open } of this.#slots.values()) {
			count += open.failure === undefined ? 1 : 0;
		}
		return count;
	}

	/** Closes the section that is needed least; false when all are in use. */
	async #closeOne(): Promise<boolean> {
		for (;;) {
			const slot = this.#leastNeeded();
			if (slot === undefined) {
				return false;
			}
			const { section, open } = slot;
			if (open.isClean) {
				const { size, isDurable } = open;
				this.#slots.delete(section);
				this.#left.set(section, { size, isDurable });
				await open.close();
				return true;
			}
			await this.#syncToClose(slot);
		}
	}

	async #syncToClose(slot: Slot<Open>): Promise<void> {
		slot.users += 1;
		try {
			await slot.open.sync();
		} catch (error) {
			// If it poisoned the section, the latch tells its own callers; those who wait for another
			// section are not concerned.
			if (slot.open.failure === undefined) {
				throw this.#placed(error, slot.section);
			}
		} finally {
			slot.users -= 1;
		}
	}

	#leastNeeded(): Slot<Open> | undefined {
		let least: Slot<Open> | undefined;
		for (const slot of this.#slots.values()) {
			const { users, open } = slot;
			const canClose = users === 0 && open.failure === undefined;
			if (canClose && (least === undefined || isSpared(slot, least))) {
				least = slot;
			}
		}
		return least;
	}

	#placed(error: unknown, section: bigint): unknown {
		return inSection(error, this.#source.partition, section);
	}
}

export function isOutOfMemory(error: unknown): boolean {
	return isStorageError(error) && error.code === "ERR_MEMORY";
}

function isSpared<Open extends OpenSection>(
	slot: Slot<Open>,
	other: Slot<Open>,
): boolean {
	const { isClean } = slot.open;
	return isClean === other.open.isClean ? slot.used < other.used : isClean;
}
