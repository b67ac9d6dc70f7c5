import { StorageError } from "../errors.ts";
import { Mutex } from "../mutex.ts";
import type { LeftBlob } from "../paged-section.ts";
import type { Storage } from "../storage.ts";
import { ascending } from "./section.ts";
import { Signal } from "./signal.ts";

/**
 * Sections of one journal that are open at once: each is a file, or two, and its write buffers. Another one is opened when
 * the one that was not used for longest is closed, one with nothing to sync before one that must be synced first. Sections
 * that have failed stay open on top of that.
 */
export const OPEN_SECTIONS = 16;

/** What a journal has open of one section. */
export interface OpenSection {
	/** Logical bytes. */
	readonly size: number;
	/** Why changes are refused since a failed one (ERR_POISONED), or undefined. */
	readonly failure: StorageError | undefined;
	/** Whether all that was found or appended is durable. */
	readonly isDurable: boolean;
	/** Whether a close would ask nothing of the host. */
	readonly isClean: boolean;
	sync(): Promise<void>;
	/** Looks up, and changes nothing, for a cut to fewer bytes; then the answer cuts, durably. */
	planCut(size: number): Promise<() => Promise<void>>;
	close(): Promise<void>;
	drop(): Promise<void>;
}

/** How a journal comes by its sections. */
export interface SectionSource<Open extends OpenSection> {
	readonly storage: Storage;
	/** What the journal's errors name. */
	readonly partition: string;
	/** Opens a section, and makes it where it is missing. `left` is how it was closed in this session. */
	open(section: bigint, left: LeftBlob | undefined): Promise<Open>;
	/** Removes a section, durably. */
	remove(section: bigint): Promise<void>;
}

interface Slot<Open> {
	readonly section: bigint;
	readonly open: Open;
	/** Calls at work on it: it stays open. */
	users: number;
	/** When it was last used, on the clock of uses. */
	used: number;
}

/**
 * The sections of one journal: which there are, and the few that are open. Calls on sections run side by side; a change of
 * which there are, or of where they end, runs alone.
 */
export class Sections<Open extends OpenSection> {
	readonly #source: SectionSource<Open>;
	/** Every section that exists; how it was left, where it is closed and was open before. */
	readonly #known: Map<bigint, LeftBlob | undefined>;
	readonly #slots = new Map<bigint, Slot<Open>>();
	readonly #opening = new Mutex();
	readonly #changes = new Mutex();
	readonly #released = new Signal();
	#users = 0;
	#clock = 0;
	/** While a change runs, or waits for the calls at work to end. */
	#changing: Promise<void> | undefined;
	#oldestRetained = 0n;
	/** Raised by each change: what was read of a section before it may have been cut since. */
	#generation = 0;
	/** Set once by close or drop. */
	#ending: Promise<void> | undefined;
	/** From then on nothing is accepted. */
	#isEnded = false;

	/** The store's end reaches what this has open through this alone. */
	constructor(source: SectionSource<Open>, known: Iterable<bigint>) {
		this.#source = source;
		this.#known = new Map([...known].map((section) => [section, undefined]));
		source.storage.register(this);
	}

	get generation(): number {
		return this.#generation;
	}

	/** Ascending. */
	get numbers(): bigint[] {
		return ascending(this.#known.keys());
	}

	has(section: bigint): boolean {
		return this.#known.has(section);
	}

	/** The section if it is open and nothing stands in the way, for a call that does not wait. */
	tryUse(section: bigint): Open | undefined {
		const slot = this.#slots.get(section);
		if (slot === undefined || this.#changing !== undefined || this.#isEnded) {
			return undefined;
		}
		this.#clock += 1;
		slot.used = this.#clock;
		return slot.open;
	}

	/** Runs a call on a section that exists, or else throws ERR_SECTION_OUT_OF_RANGE. */
	async use<T>(
		section: bigint,
		call: (open: Open) => Promise<T> | T,
	): Promise<T> {
		while (this.#changing !== undefined) {
			await this.#changing;
		}
		this.refuseMissing(section);
		return this.useWithin(section, call);
	}

	/** Runs a call on a section, or answers undefined where there is none. */
	async useIfThere<T>(
		section: bigint,
		call: (open: Open) => Promise<T> | T,
	): Promise<T | undefined> {
		while (this.#changing !== undefined) {
			await this.#changing;
		}
		this.#refuseEnded();
		return this.has(section) ? this.useWithin(section, call) : undefined;
	}

	/** Runs a call on a section that is made where it is missing. */
	async useOrMake<T>(
		section: bigint,
		call: (open: Open) => Promise<T> | T,
	): Promise<T> {
		this.refuseReadOnly();
		while (this.#changing !== undefined) {
			await this.#changing;
		}
		this.refusePruned(section);
		return this.useWithin(section, call);
	}

	/** Runs a call on a section from within a change. */
	async useWithin<T>(
		section: bigint,
		call: (open: Open) => Promise<T> | T,
	): Promise<T> {
		this.#users += 1;
		let slot: Slot<Open> | undefined;
		try {
			slot = this.#pinned(section) ?? (await this.#opened(section));
			return await call(slot.open);
		} catch (error) {
			throw inSection(error, this.#source.partition, section);
		} finally {
			this.#users -= 1;
			if (slot !== undefined) {
				slot.users -= 1;
			}
			this.#released.raise();
		}
	}

	/** Looks into each section once, ascending, when the journal is opened. Lets go of all where that fails. */
	async recover(
		look: (section: bigint, open: Open) => Promise<void>,
	): Promise<void> {
		try {
			for (const section of this.numbers) {
				await this.useWithin(section, (open) => look(section, open));
			}
		} catch (error) {
			await this.drop();
			throw error;
		}
	}

	/** Runs a change alone: when the calls at work have ended, and before those that come meanwhile begin. */
	change<T>(body: () => Promise<T>): Promise<T> {
		return this.#changes.run(async () => {
			this.#refuseEnded();
			const { promise, resolve } = deferred();
			this.#changing = promise;
			try {
				while (this.#users > 0) {
					await this.#released.wait();
				}
				this.#generation += 1;
				return await body();
			} finally {
				this.#changing = undefined;
				resolve();
			}
		});
	}

	/** Within a change: removes a section, durably. What was not synced of it is let go. */
	async remove(section: bigint): Promise<void> {
		const slot = this.#slots.get(section);
		try {
			this.#slots.delete(section);
			await slot?.open.drop();
			await this.#source.remove(section);
			this.#known.delete(section);
		} catch (error) {
			throw inSection(error, this.#source.partition, section);
		}
	}

	/** Within a change: sections below `section` are pruned; 0 takes it back. */
	retainFrom(section: bigint): void {
		this.#oldestRetained = section;
	}

	/** Whether a section is known to be durable as it is. */
	isDurable(section: bigint): boolean {
		const slot = this.#slots.get(section);
		return slot === undefined
			? this.#known.get(section)?.isDurable === true
			: slot.open.isDurable;
	}

	/** Closes every open section, when the calls that were accepted before have ended. Throws the first failure, at the end. */
	close(): Promise<void> {
		this.#ending ??= this.change(() => this.#end((open) => open.close()));
		return this.#ending;
	}

	/** Drops every open section. */
	drop(): Promise<void> {
		this.#ending ??= this.#end((open) => open.drop());
		return this.#ending;
	}

	/** Throws ERR_CLOSED once the journal is let go, ERR_SECTION_PRUNED below what was pruned. */
	refusePruned(section: bigint): void {
		this.#refuseEnded();
		if (section < this.#oldestRetained) {
			const { partition } = this.#source;
			throw new StorageError(
				"ERR_SECTION_PRUNED",
				`already pruned to section: ${this.#oldestRetained}; ${partition} has no section ${section} any more`,
				{
					...{ partition, section },
					expected: String(this.#oldestRetained),
				},
			);
		}
	}

	refuseReadOnly(): void {
		if (this.#source.storage.readOnly) {
			const { partition } = this.#source;
			throw new StorageError(
				"ERR_READ_ONLY",
				`${partition}: the store is open for reading only`,
				{ partition },
			);
		}
	}

	/** As refusePruned, and throws ERR_SECTION_OUT_OF_RANGE for a section that does not exist. */
	refuseMissing(section: bigint): void {
		this.refusePruned(section);
		if (!this.has(section)) {
			const { partition } = this.#source;
			throw new StorageError(
				"ERR_SECTION_OUT_OF_RANGE",
				`section out of range: ${section} of ${partition}`,
				{ partition, section },
			);
		}
	}

	async #end(how: (open: Open) => Promise<void>): Promise<void> {
		this.#isEnded = true;
		this.#source.storage.unregister(this);
		// A section that is on its way to being open still gets its slot.
		await this.#opening.run(async () => undefined);
		const failures: unknown[] = [];
		for (const { section, open } of this.#slots.values()) {
			try {
				await how(open);
			} catch (error) {
				failures.push(inSection(error, this.#source.partition, section));
			}
		}
		this.#slots.clear();
		if (failures.length > 0) {
			throw failures[0];
		}
	}

	#refuseEnded(): void {
		if (this.#isEnded) {
			const { partition } = this.#source;
			throw new StorageError("ERR_CLOSED", `closed: ${partition}`, {
				partition,
			});
		}
	}

	#pinned(section: bigint): Slot<Open> | undefined {
		const slot = this.#slots.get(section);
		if (slot !== undefined) {
			this.#clock += 1;
			slot.used = this.#clock;
			slot.users += 1;
		}
		return slot;
	}

	/** One section is opened, or closed for another, at a time. */
	#opened(section: bigint): Promise<Slot<Open>> {
		return this.#opening.run(async () => {
			const found = this.#pinned(section);
			if (found !== undefined) {
				return found;
			}
			this.#refuseEnded();
			while (this.#countOfSound >= OPEN_SECTIONS) {
				if (!(await this.#closeOne())) {
					await this.#released.wait();
				}
			}
			const open = await this.#open(section);
			const slot = { section, open, users: 1, used: this.#clock };
			this.#slots.set(section, slot);
			return slot;
		});
	}

	async #open(section: bigint): Promise<Open> {
		for (;;) {
			try {
				const left = this.#known.get(section);
				const open = await this.#source.open(section, left);
				this.#known.set(section, undefined);
				return open;
			} catch (error) {
				const isFull =
					error instanceof StorageError && error.code === "ERR_MEMORY";
				if (!isFull || !(await this.#closeOne())) {
					throw error;
				}
			}
		}
	}

	get #countOfSound(): number {
		let count = 0;
		for (const { open } of this.#slots.values()) {
			count += open.failure === undefined ? 1 : 0;
		}
		return count;
	}

	/** Closes the section that can best be spared; false when all are in use. */
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
				this.#known.set(section, { size, isDurable });
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
			// Where it has poisoned the section its own callers are told, by the latch; whoever waits for another is not concerned.
			if (slot.open.failure === undefined) {
				throw inSection(error, this.#source.partition, slot.section);
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
}

function isSpared<Open extends OpenSection>(
	slot: Slot<Open>,
	other: Slot<Open>,
): boolean {
	const { isClean } = slot.open;
	return isClean === other.open.isClean ? slot.used < other.used : isClean;
}

/** The same error, with the section in its place. */
function inSection(
	error: unknown,
	partition: string,
	section: bigint,
): unknown {
	if (!(error instanceof StorageError) || error.place.section !== undefined) {
		return error;
	}
	const { code, message, place, cause } = error;
	return new StorageError(
		code,
		message,
		{ partition, ...place, section },
		cause,
	);
}

function deferred(): { promise: Promise<void>; resolve: () => void } {
	let resolve = () => {};
	const promise = new Promise<void>((settle) => {
		resolve = settle;
	});
	return { promise, resolve };
}
