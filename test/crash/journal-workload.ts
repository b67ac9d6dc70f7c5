import { blobNameOfSection } from "../../src/journal/section.ts";
import { Storage } from "../../src/storage/storage.ts";
import type { CrashLog } from "../support/disks/crash-log.ts";
import type { Random } from "../support/runs/prng.ts";
import { INDEX } from "../support/stores/journal-store.ts";
import {
	exactly,
	type FoundJournal,
	type JournalExpectation,
	requireExpected,
	type SectionExpectation,
} from "./journal-expectation.ts";
import {
	type CrashJournal,
	cutWhatIsTorn,
	type JournalShape,
	mayLoseValues,
	openJournal,
	openValues,
	readJournal,
	recordNumber,
	sizeOf,
	valueEnds,
} from "./journal-kinds.ts";
import { loggedPhase, type Phase } from "./power-cuts.ts";
import { MEMORY } from "./workload.ts";

/** A sync that takes so many turns ends when those that began with it have ended. */
const SYNC_TURNS = 80;

/** More often the later in the list an action's bound is above the one before. */
const ACTIONS = [
	[30, "append"],
	[36, "appendAndSync"],
	[54, "sync"],
	[60, "syncAll"],
	[67, "rewind"],
	[74, "rewindSection"],
	[79, "regrow"],
	[84, "prune"],
	[88, "removeSection"],
	[89, "clear"],
	[94, "reopen"],
	[98, "loseValues"],
	[100, "loseEntries"],
] as const;

/**
 * A writer of a journal that does what a seed says, and knows at each step of the log what a disk may be found to hold then:
 * of each section all that was acknowledged, and of the rest a prefix.
 */
export class JournalWorkload {
	readonly phases: Phase<JournalExpectation>[] = [];
	readonly #log: CrashLog;
	readonly #random: Random;
	readonly #shape: JournalShape;
	readonly #sections = new Map<bigint, SectionExpectation>();
	#storage: Storage | undefined;
	#opened: CrashJournal | undefined;
	#oldest = 0n;
	#records: number;

	constructor(log: CrashLog, random: Random, shape: JournalShape) {
		this.#log = log;
		this.#random = random;
		this.#shape = shape;
		this.#records = random.integer(1, 100_000);
		if (mayLoseValues(shape)) {
			// Either file of a pair is durable before the other, by turns.
			log.holdSyncs(() => random.pick([0, 0, SYNC_TURNS]));
		}
	}

	/** Opens the journal, with what was recovered of it. */
	async begin(found: FoundJournal): Promise<void> {
		for (const [section, { ids, isDespoiled }] of found) {
			this.#sections.set(section, exactly(ids, isDespoiled));
		}
		await this.#open();
	}

	async run(actions: number): Promise<void> {
		for (let count = 0; count < actions; count += 1) {
			await this.#act();
		}
	}

	async end(): Promise<void> {
		await this.#phase("close", this.#now(), () => this.#session.close());
	}

	async #act(): Promise<void> {
		const dice = this.#random.integer(0, 100);
		const action = ACTIONS.find(([bound]) => dice < bound)?.[1] ?? "append";
		if (action === "append" || this.#sections.size === 0) {
			await this.#append(this.#randomSections(), this.#random.integer(1, 10));
			return;
		}
		if (action === "appendAndSync") {
			await this.#appendAndSync(this.#randomSections());
			return;
		}
		const section = this.#random.pick([...this.#sections.keys()]);
		switch (action) {
			case "sync":
				return this.#sync([section], () => this.#journal.sync(section));
			case "syncAll":
				return this.#sync([...this.#sections.keys()], () =>
					this.#journal.syncAll(),
				);
			case "rewind":
				return this.#rewind(section, this.#shorter(section));
			case "rewindSection":
				return this.#rewindSection(section, this.#shorter(section));
			case "regrow":
				return this.#regrow(section);
			case "prune":
				return this.#prune(section + 1n);
			case "removeSection":
				return this.#remove([section], "prune", async () => {
					await this.#journal.removeSection(section);
				});
			case "clear":
				return this.#clear();
			case "reopen":
				return this.#reopen();
			case "loseValues":
				return this.#loseValues(section);
			case "loseEntries":
				return this.#loseEntries(section);
		}
	}

	/** A sync covers appends that are called before it and not awaited. */
	async #appendAndSync(sections: readonly bigint[]): Promise<void> {
		await this.#append(sections, this.#random.integer(1, 10), () =>
			this.#journal.syncAll(),
		);
		for (const section of this.#sections.keys()) {
			this.#sections.set(section, exactly(this.#idsOf(section)));
		}
	}

	/** Appends so many records to each of some sections, side by side, and waits until all are taken, or for `end` alone. */
	async #append(
		sections: readonly bigint[],
		count: number,
		end?: () => Promise<void>,
	): Promise<void> {
		const added: [bigint, number][] = [];
		for (let at = 0; at < count; at += 1) {
			for (const section of sections) {
				this.#records += 1;
				added.push([section, recordNumber(this.#random, this.#records)]);
			}
		}
		const expected = new Map(this.#sections);
		for (const section of sections) {
			const { ids, least, isDespoiled } =
				this.#sections.get(section) ?? exactly([]);
			const news = added.filter(([at]) => at === section).map(([, id]) => id);
			const after = { ids: [...ids, ...news], least, isDespoiled };
			const isNew = !this.#sections.has(section);
			expected.set(section, { ...after, mayBeMissing: isNew });
			this.#sections.set(section, { ...after, mayBeMissing: false });
		}
		await this.#phase("append", { sections: expected, going: [] }, async () => {
			const { append } = this.#crashJournal;
			const taken = Promise.all(
				added.map(([section, id]) => append(section, id)),
			);
			await (end?.() ?? taken);
		});
	}

	async #sync(
		sections: readonly bigint[],
		sync: () => Promise<void>,
	): Promise<void> {
		await this.#phase("sync", this.#now(), sync);
		for (const section of sections) {
			this.#sections.set(section, exactly(this.#idsOf(section)));
		}
	}

	async #rewind(section: bigint, count: number): Promise<void> {
		const later = this.#numbers.filter((number) => number > section).reverse();
		const { least } = this.#section(section);
		const during = this.#during(later, { section, count });
		const expected = { ...during, cutLast: { section, atLeast: least } };
		await this.#phase("rewind", expected, () =>
			this.#journal.rewind(section, this.#sizeAt(section, count)),
		);
		this.#forget(later);
		this.#hasCut(section, count);
	}

	async #rewindSection(section: bigint, count: number): Promise<void> {
		const expected = this.#during([], { section, count });
		await this.#phase("rewind", expected, () =>
			this.#journal.rewindSection(section, this.#sizeAt(section, count)),
		);
		this.#hasCut(section, count);
	}

	/** Other records over the places of those that were cut, which must not come back. */
	async #regrow(section: bigint): Promise<void> {
		const count = this.#idsOf(section).length;
		const kept = this.#shorter(section);
		await this.#sync([section], () => this.#journal.sync(section));
		await this.#rewindSection(section, kept);
		await this.#append([section], count - kept + this.#random.integer(0, 2));
		await this.#sync([section], () => this.#journal.sync(section));
	}

	async #prune(min: bigint): Promise<void> {
		if (min >= 2n ** 64n) {
			return;
		}
		const gone = this.#numbers.filter((section) => section < min);
		await this.#remove(gone, "prune", async () => {
			await this.#journal.prune(min);
		});
		this.#oldest = min;
	}

	async #clear(): Promise<void> {
		await this.#remove(this.#numbers, "prune", () => this.#journal.clear());
		this.#oldest = 0n;
	}

	async #remove(
		sections: readonly bigint[],
		action: string,
		body: () => Promise<void>,
	): Promise<void> {
		await this.#phase(action, this.#during(sections), body);
		this.#forget(sections);
	}

	async #reopen(): Promise<void> {
		if (this.#shape.metadata && this.#random.chance(0.3)) {
			await this.#kill();
			return;
		}
		await this.#close();
		if (this.#random.chance(0.3)) {
			await this.#phase("close", this.#now(), () => this.#session.close());
			this.#storage = undefined;
		}
		await this.#open();
	}

	/** The next session finds what the system's cache has, and the power may still go. */
	async #kill(): Promise<void> {
		await this.#phase("kill", this.#now(), () => this.#session.drop());
		this.#storage = undefined;
		const before = new Map(this.#sections);
		await this.#phase("open", this.#now(), () => this.#openStore());
		const found = await readJournal(this.#crashJournal, this.#shape);
		requireExpected(found, { sections: before, going: [] });
		for (const [section, ids] of found) {
			const { least, isDespoiled } = this.#section(section);
			const mayBeMissing = false;
			this.#sections.set(section, { ids, least, mayBeMissing, isDespoiled });
		}
		this.#oldest = 0n;
	}

	/** As a writer would leave it whose entries reach the disk before their values. */
	async #loseValues(section: bigint): Promise<void> {
		const isPossible =
			this.#shape.kind === "oversized" && this.#idsOf(section).length > 0;
		if (!isPossible) {
			return;
		}
		const ends = await valueEnds(this.#crashJournal, section);
		await this.#close();
		const size = this.#random.integer(0, (ends.at(-1) ?? 0) + 1);
		const count = ends.filter((end) => end <= size).length;
		const { sections } = this.#during([], { section, count });
		const ids = this.#idsOf(section);
		const during = { ...exactly(ids, true), least: count };
		const expected = new Map(sections).set(section, during);
		await this.#phase("loss", { sections: expected, going: [] }, async () => {
			const values = await openValues(this.#session, section);
			await values.resize(size);
			await values.sync();
			await values.close();
		});
		this.#sections.set(section, exactly(ids.slice(0, count), true));
		await this.#open();
	}

	/** As a removal would leave it that was interrupted. */
	async #loseEntries(section: bigint): Promise<void> {
		await this.#close();
		await this.#remove([section], "loss", () =>
			this.#session.remove(INDEX, blobNameOfSection(section)),
		);
		await this.#open();
	}

	async #close(): Promise<void> {
		await this.#phase("close", this.#now(), () => this.#journal.close());
		for (const [section, { ids }] of this.#sections) {
			this.#sections.set(section, exactly(ids));
		}
	}

	async #open(): Promise<void> {
		await this.#phase("open", this.#now(), () => this.#openStore());
		this.#oldest = 0n;
		// What opening has cut stays cut.
		for (const [section, { ids }] of this.#sections) {
			this.#sections.set(section, exactly(ids));
		}
		const found = await readJournal(this.#crashJournal, this.#shape);
		requireExpected(found, this.#now());
	}

	async #openStore(): Promise<void> {
		const { metadata, erase = false, ahead = 0 } = this.#shape;
		const options = { memory: MEMORY, metadata, erase, ahead };
		this.#storage ??= await Storage.open(this.#log, options);
		this.#opened = await openJournal(this.#storage, this.#shape);
		await cutWhatIsTorn(this.#opened, this.#shape);
	}

	get #session(): Storage {
		if (this.#storage === undefined) {
			throw new Error("the workload has not begun");
		}
		return this.#storage;
	}

	get #crashJournal(): CrashJournal {
		if (this.#opened === undefined) {
			throw new Error("the workload has not begun");
		}
		return this.#opened;
	}

	get #journal(): CrashJournal["journal"] {
		return this.#crashJournal.journal;
	}

	/** Ascending. */
	get #numbers(): bigint[] {
		const { sections } = this.#shape;
		return sections.filter((section) => this.#sections.has(section));
	}

	#section(section: bigint): SectionExpectation {
		const found = this.#sections.get(section);
		if (found === undefined) {
			throw new Error(`no section ${section}`);
		}
		return found;
	}

	#idsOf(section: bigint): readonly number[] {
		return this.#section(section).ids;
	}

	/** Some sections that are not pruned, whether they exist or not. */
	#randomSections(): bigint[] {
		const { sections } = this.#shape;
		const allowed = sections.filter((section) => section >= this.#oldest);
		return this.#random
			.shuffle(allowed)
			.slice(0, this.#random.pick([1, 1, 1, 2, 3]));
	}

	/** As many records as a section has, or somewhat fewer, or none. */
	#shorter(section: bigint): number {
		const { length } = this.#idsOf(section);
		const least = this.#random.chance(0.2) ? 0 : Math.max(0, length - 8);
		return this.#random.integer(least, length + 1);
	}

	/** Where a section's first records end; of items, now and then within the next one, which is lost all the same. */
	#sizeAt(section: bigint, count: number): number {
		const ids = this.#idsOf(section);
		const size = sizeOf(this.#shape, ids.slice(0, count));
		const isTorn =
			this.#shape.kind === "variable" &&
			count < ids.length &&
			this.#random.chance(0.3);
		const next = sizeOf(this.#shape, ids.slice(count, count + 1));
		return isTorn ? size + this.#random.integer(1, next) : size;
	}

	#now(): JournalExpectation {
		return this.#during([]);
	}

	/** What may be found while sections are removed in this order, and then one is cut to so many records. */
	#during(
		going: readonly bigint[],
		cut?: { section: bigint; count: number },
	): JournalExpectation {
		const sections = new Map(this.#sections);
		for (const section of going) {
			sections.set(section, { ...this.#section(section), mayBeMissing: true });
		}
		if (cut !== undefined) {
			const old = this.#section(cut.section);
			const least = Math.min(old.least, cut.count);
			sections.set(cut.section, { ...old, least });
		}
		return { sections, going };
	}

	#forget(sections: readonly bigint[]): void {
		for (const section of sections) {
			this.#sections.delete(section);
		}
	}

	/** A cut is durable when it resolves; where there was nothing to cut, nothing is promised. */
	#hasCut(section: bigint, count: number): void {
		const ids = this.#idsOf(section);
		if (count < ids.length) {
			this.#sections.set(section, exactly(ids.slice(0, count)));
		}
	}

	async #phase(
		action: string,
		expected: JournalExpectation,
		step: () => Promise<void>,
	): Promise<void> {
		const phase = await loggedPhase(this.#log, action, expected, step);
		this.phases.push(phase);
	}
}
