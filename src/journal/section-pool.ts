import { isStorageError } from "../errors.ts";
import type { LeftBlob } from "../paged/paged-section.ts";
import { closed } from "../refusals.ts";
import {
	endingAll,
	endingIfFailed,
	endingWith,
	throwFirst,
} from "../turns/endings.ts";
import { Mutex } from "../turns/mutex.ts";
import { Signal } from "../turns/signal.ts";
import type { OpenSection } from "./open-section.ts";
import { inSection } from "./section.ts";
import {
	cleanAndIdle,
	countOfSound,
	longestIdle,
	openSectionsMax,
	type Slot,
} from "./section-slots.ts";
import type { SectionSource } from "./section-source.ts";

/** Of the open sections, this part is synced together to be closed for others. */
const SYNCED_TOGETHER = 1 / 4;

/**
 * The sections of a journal that are open: as many as `openSectionsMax` says, and failed ones. To
 * open another, the least recently used is closed, sections with nothing to sync first.
 */
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
	/** The sections that were found and not opened yet. */
	readonly #unjudged: Set<bigint>;
	/** The slot that was used last; undefined once it may be gone. */
	#latest: Slot<Open> | undefined;
	#clock = 0;
	#isEnded = false;

	constructor(source: SectionSource<Open>, found: Iterable<bigint>) {
		this.#source = source;
		this.#unjudged = new Set(found);
		source.storage.idleFiles.add(this.#closeIdle);
	}

	/** How many sections that were found were not opened yet, nor removed. */
	get unjudged(): number {
		return this.#unjudged.size;
	}

	/** The section if it is open and no call waits for it, for a call that does not wait. */
	get(section: bigint): Open | undefined {
		return this.#isAwaited(section) ? undefined : this.#used(section)?.open;
	}

	/**
	 * Opens the section if needed, and keeps it open while a call runs on it. Calls on a section
	 * begin in the order in which they came.
	 */
	async use<T>(
		section: bigint,
		call: (open: Open) => Promise<T> | T,
	): Promise<T> {
		if (!this.#isAwaited(section)) {
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
		this.#remove(section);
		this.#left.delete(section);
		await slot?.open.drop();
	}

	/** The section was removed: one that is made in its place has nothing to be judged. */
	removed(section: bigint): void {
		this.#unjudged.delete(section);
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
			() => {
				this.#slots.clear();
				this.#latest = undefined;
			},
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

	/** Asks the map only where it may have the section: each append comes by here. */
	#isAwaited(section: bigint): boolean {
		return this.#waiting.size > 0 && this.#waiting.has(section);
	}

	#used(section: bigint): Slot<Open> | undefined {
		const slot = this.#slotOf(section);
		if (slot !== undefined) {
			this.#clock += 1;
			slot.used = this.#clock;
		}
		return slot;
	}

	/** Most calls go to the section of the call before: to compare takes less than to look up. */
	#slotOf(section: bigint): Slot<Open> | undefined {
		if (this.#latest?.section !== section) {
			this.#latest = this.#slots.get(section);
		}
		return this.#latest;
	}

	#remove(section: bigint): void {
		this.#slots.delete(section);
		this.#latest = undefined;
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
			while (countOfSound(this.#slots.values()) >= this.#most) {
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
		const open = await idleFiles.opening(
			() => this.#source.open(section, this.#left.get(section)),
			() => this.#closeOne(),
		);
		if (this.#unjudged.has(section)) {
			const judge = () => this.#source.judge(section, open);
			await endingIfFailed(judge, () => open.drop());
			this.#unjudged.delete(section);
		}
		return open;
	}

	/**
	 * Frees a file for another opener, but not while a section is being opened: two journals could
	 * wait for each other for ever.
	 */
	readonly #closeIdle = async (): Promise<boolean> =>
		this.#turn.isFree && this.#turn.run(() => this.#closeOne());

	/** Closes the section that is needed least; false when all are in use. */
	async #closeOne(): Promise<boolean> {
		for (;;) {
			const slot = cleanAndIdle(this.#slots.values());
			if (slot !== undefined) {
				await this.#close(slot);
				return true;
			}
			if (!(await this.#syncSome())) {
				return false;
			}
		}
	}

	/** Less when more journals are open: then sections are closed as others are opened. */
	get #most(): number {
		const { storage, bufferBytes } = this.#source;
		const { arena, idleFiles } = storage;
		return openSectionsMax(arena.size, bufferBytes, idleFiles.count);
	}

	async #close({ section, open }: Slot<Open>): Promise<void> {
		const { size, isDurable } = open;
		this.#remove(section);
		this.#left.set(section, { size, isDurable });
		await open.close();
	}

	/**
	 * Syncs those that have been idle longest: one flush each, all at once, serves as many openings.
	 * False when all are in use.
	 */
	async #syncSome(): Promise<boolean> {
		const count = Math.ceil(this.#most * SYNCED_TOGETHER);
		const some = longestIdle(this.#slots.values(), count);
		const syncs = some.map((slot) => this.#syncToClose(slot));
		throwFirst(await Promise.allSettled(syncs));
		return some.length > 0;
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

	#placed(error: unknown, section: bigint): unknown {
		return inSection(error, this.#source.partition, section);
	}
}

export function isOutOfMemory(error: unknown): boolean {
	return isStorageError(error) && error.code === "ERR_MEMORY";
}
