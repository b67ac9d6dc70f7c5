import { isPromise } from "../checks.ts";
import type { StorageError } from "../errors.ts";
import { closed, openForReading } from "../refusals.ts";
import type { StoreContext } from "../storage/context.ts";
import type { Awaitable } from "../turns/awaitable.ts";
import { ChangeGate } from "../turns/change-gate.ts";
import { endingIfFailed, endingWith, throwFirst } from "../turns/endings.ts";
import type { OpenSection } from "./open-section.ts";
import { PendingAppends } from "./pending-appends.ts";
import type { FoundSections } from "./report.ts";
import { ascending, inSection } from "./section.ts";
import { removePartition } from "./section-blobs.ts";
import { missingSection, prunedSection } from "./section-errors.ts";
import { isOutOfMemory, OpenSections } from "./section-pool.ts";
import type { SectionSource } from "./section-source.ts";

/** An open judges so many of the last sections: they are the most likely to be used. */
export const JUDGED_AT_OPEN = 64;

/** What a call does with an open section. */
type SectionCall<Open, T> = (open: Open) => Promise<T> | T;

/**
 * The sections of one journal. Calls run concurrently. A change of which sections exist, or of
 * where they end, runs alone.
 */
export class Sections<Open extends OpenSection> {
	readonly #source: SectionSource<Open>;
	readonly #known: Set<bigint>;
	readonly #found: number;
	readonly #open: OpenSections<Open>;
	readonly #gate = new ChangeGate();
	/** Appends that wait: for their section to be opened, for a change, for room. */
	readonly #appends = new PendingAppends();
	/** Raised by each change: bytes read before the change may have been cut by it. */
	#generation = 0;
	#oldestRetained = 0n;
	/** Set once by close or drop. */
	#ending: Promise<void> | undefined;
	/** Once true, every call is refused. */
	#isEnded = false;

	/** The store ends the open sections only through this object. */
	constructor(source: SectionSource<Open>, known: Iterable<bigint>) {
		this.#source = source;
		this.#known = new Set(known);
		this.#found = this.#known.size;
		this.#open = new OpenSections(source, this.#known);
		source.storage.register(this);
	}

	get storage(): StoreContext {
		return this.#source.storage;
	}

	/** Ascending. */
	get numbers(): bigint[] {
		return ascending(this.#known);
	}

	/** Undefined where there is none. */
	get oldest(): bigint | undefined {
		return this.#furthest((one, other) => one < other);
	}

	/** Undefined where there is none. */
	get newest(): bigint | undefined {
		return this.#furthest((one, other) => one > other);
	}

	get generation(): number {
		return this.#generation;
	}

	has(section: bigint): boolean {
		return this.#known.has(section);
	}

	/** Whether the whole section is known to be durable. */
	isDurable(section: bigint): boolean {
		return this.#open.isDurable(section);
	}

	/** The section if it is open and usable at once, for a call that does not wait. */
	tryUse(section: bigint): Open | undefined {
		return this.#gate.isOpen && !this.#isEnded
			? this.#open.get(section)
			: undefined;
	}

	/** Runs a call on a section that exists, or else throws ERR_SECTION_OUT_OF_RANGE. */
	async use<T>(section: bigint, call: SectionCall<Open, T>): Promise<T> {
		return this.#gate.enter(async () => {
			this.refuseMissing(section);
			return this.useWithin(section, call);
		});
	}

	/** As `use`, and at once where the section is open and the call does not wait. */
	useNow<T>(section: bigint, call: SectionCall<Open, T>): Awaitable<T> {
		const open = this.tryUse(section);
		if (open === undefined) {
			return this.use(section, call);
		}
		const answer = this.#answerOf(section, open, call);
		if (!isPromise(answer)) {
			return answer;
		}
		// Where the section is not to be had any more, that is told, and nothing of the answer.
		answer.catch(() => undefined);
		return this.use(section, () => answer);
	}

	#answerOf<T>(
		section: bigint,
		open: Open,
		call: SectionCall<Open, T>,
	): Awaitable<T> {
		try {
			return call(open);
		} catch (error) {
			throw this.#placed(error, section);
		}
	}

	/** Runs a call on a section, or returns undefined for a missing one. */
	async useIfThere<T>(
		section: bigint,
		call: SectionCall<Open, T>,
	): Promise<T | undefined> {
		return this.#gate.enter(async () => {
			this.refuseEnded();
			return this.has(section) ? this.useWithin(section, call) : undefined;
		});
	}

	/** Whether no append to the section waits. */
	isFreeToAppend(section: bigint): boolean {
		return this.#appends.isFree(section);
	}

	/** As `tryUse`, for an append: undefined while earlier appends wait. */
	tryUseToAppend(section: bigint): Open | undefined {
		return this.isFreeToAppend(section) ? this.tryUse(section) : undefined;
	}

	/** Runs an append that may wait; a missing section is made. A sync waits for the append. */
	append<T>(section: bigint, call: SectionCall<Open, T>): Promise<T> {
		return this.appendBy(section, (use) => use(call));
	}

	/**
	 * As `append`, for an append that uses the section several times. When it fails, appends to this
	 * section called before its end fail too.
	 */
	async appendBy<T>(
		section: bigint,
		append: (use: <R>(call: SectionCall<Open, R>) => Promise<R>) => Promise<T>,
	): Promise<T> {
		if (this.#ending !== undefined) {
			throw this.#closed();
		}
		return this.#appends.run(section, (guard) =>
			append((call) =>
				this.#useOrMake(section, (open) => guard(() => call(open))),
			),
		);
	}

	/** The sections with appends that wait. */
	get appending(): bigint[] {
		return this.#appends.sections;
	}

	/**
	 * Resolves when the appends to a section that were called so far are done; rejects with the
	 * failure of any.
	 */
	async appended(section: bigint): Promise<void> {
		await this.#appends.done(section);
	}

	async #useOrMake<T>(section: bigint, call: SectionCall<Open, T>): Promise<T> {
		this.refuseReadOnly();
		return this.#gate.enter(async () => {
			this.refusePruned(section);
			return this.useWithin(section, call);
		});
	}

	/** Runs a call on a section, from inside the gate. A missing section is made. */
	async useWithin<T>(section: bigint, call: SectionCall<Open, T>): Promise<T> {
		this.#gate.begin();
		try {
			return await this.#open.use(section, (open) => {
				this.#known.add(section);
				return call(open);
			});
		} catch (error) {
			if (isOutOfMemory(error)) {
				// A section is made before there is memory for it.
				this.#known.add(section);
			}
			throw this.#placed(error, section);
		} finally {
			this.#gate.end();
		}
	}

	/** Each of the found sections is judged when it is opened first. */
	get found(): FoundSections {
		return { sections: this.#found, unjudged: this.#open.unjudged };
	}

	/**
	 * Judges sections when the journal is opened, ascending: the last ones, and all that are due.
	 * Then checks the rest. Drops everything if that fails.
	 */
	async recover(
		isDue: (section: bigint) => boolean,
		lookAtRest: () => Promise<void> = async () => undefined,
	): Promise<void> {
		const { numbers } = this;
		const last = numbers.length - JUDGED_AT_OPEN;
		const lookAtAll = async () => {
			for (const [index, section] of numbers.entries()) {
				if (index >= last || isDue(section)) {
					await this.useWithin(section, () => undefined);
				}
			}
			await lookAtRest();
		};
		await endingIfFailed(lookAtAll, () => this.drop());
	}

	/** Runs a change alone: after the running calls have ended, and before later calls begin. */
	change<T>(body: () => Promise<T>): Promise<T> {
		const refuse = () => this.refuseEnded();
		return this.#gate.alone(refuse, () => {
			this.#generation += 1;
			return body();
		});
	}

	/** Syncs the open sections, and holds back every call while `body` runs. */
	quiesce(body: () => Promise<void>): Promise<void> {
		const accept = () => undefined;
		return this.#gate.alone(accept, async () => {
			if (!this.#isEnded) {
				await this.#open.sync();
			}
			await body();
		});
	}

	/**
	 * Within a change: removes a section, durably. Its unsynced bytes are dropped, even if the
	 * removal fails.
	 */
	async remove(section: bigint): Promise<void> {
		try {
			await this.#open.forget(section);
			await this.#source.remove(section);
			this.#open.removed(section);
			this.#known.delete(section);
		} catch (error) {
			throw this.#placed(error, section);
		}
	}

	/** Within a change: marks sections below `section` as pruned; 0 undoes it. */
	retainFrom(section: bigint): void {
		this.#oldestRetained = section;
	}

	/**
	 * Closes every open section once the calls accepted before have ended. Rejects at the end with
	 * the first failure, also of an append that had not ended.
	 */
	close(): Promise<void> {
		this.#ending ??= this.#letGo(() => this.#close());
		return this.#ending;
	}

	/** Drops every open section once the running calls have ended. */
	drop(): Promise<void> {
		this.#ending ??= this.#letGo(async () => {
			this.#isEnded = true;
			await this.#gate.callsEnded();
			await this.#end((open) => open.drop());
		});
		return this.#ending;
	}

	/**
	 * Within a change: drops every open section, and removes the partitions before anyone else can
	 * own them.
	 */
	destroy(partitions: readonly string[]): Promise<void> {
		const { storage, owner } = this.#source;
		const destroyed = this.#letGo(async () => {
			await this.#end((open) => open.drop());
			for (const partition of partitions) {
				await removePartition(storage, owner, partition);
			}
		});
		// Only its caller sees the failure: a later close finds everything released.
		this.#ending = destroyed.catch(() => undefined);
		return destroyed;
	}

	/** Throws ERR_CLOSED once the journal has ended. */
	refuseEnded(): void {
		if (this.#isEnded) {
			throw this.#closed();
		}
	}

	/** Throws ERR_CLOSED once the journal has ended, ERR_SECTION_PRUNED for a pruned section. */
	refusePruned(section: bigint): void {
		this.refuseEnded();
		if (section < this.#oldestRetained) {
			const { partition } = this.#source;
			throw prunedSection(partition, section, this.#oldestRetained);
		}
	}

	/** As refusePruned, and throws ERR_SECTION_OUT_OF_RANGE for a section that does not exist. */
	refuseMissing(section: bigint): void {
		this.refusePruned(section);
		if (!this.has(section)) {
			throw missingSection(this.#source.partition, section);
		}
	}

	refuseReadOnly(): void {
		if (this.#source.storage.readOnly) {
			const { partition } = this.#source;
			throw openForReading(partition, { partition });
		}
	}

	/** The partitions are free for the next owner when this resolves or rejects. */
	async #letGo(end: () => Promise<void>): Promise<void> {
		const { owner } = this.#source;
		owner.end();
		await endingWith(end, () => owner.release());
	}

	async #close(): Promise<void> {
		const appended = this.appending.map((section) => this.appended(section));
		// An earlier change may have destroyed the journal.
		const accept = () => undefined;
		const close = () =>
			this.#gate.alone(accept, async () => {
				this.#generation += 1;
				await (this.#isEnded ? undefined : this.#end((open) => open.close()));
			});
		await endingWith(
			async () => throwFirst(await Promise.allSettled(appended)),
			close,
		);
	}

	async #end(how: (open: Open) => Promise<void>): Promise<void> {
		this.#isEnded = true;
		try {
			await this.#open.end(how);
		} finally {
			this.#source.storage.unregister(this);
		}
	}

	#furthest(isFurther: (one: bigint, other: bigint) => boolean) {
		let found: bigint | undefined;
		for (const section of this.#known) {
			if (found === undefined || isFurther(section, found)) {
				found = section;
			}
		}
		return found;
	}

	#closed(): StorageError {
		const { partition } = this.#source;
		return closed(partition, { partition });
	}

	#placed(error: unknown, section: bigint): unknown {
		return inSection(error, this.#source.partition, section);
	}
}
