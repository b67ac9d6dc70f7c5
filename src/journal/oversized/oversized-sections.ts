import { checkOneOf } from "../../checks.ts";
import { compressionConfig } from "../../compression/options.ts";
import type { ValueFields } from "../../core/answers.ts";
import { pageMemory } from "../../paged/page-memory.ts";
import type { LeftBlob } from "../../paged/paged-section.ts";
import type { StoreContext } from "../../storage/context.ts";
import type { Owner } from "../../storage/owners.ts";
import { endingWith } from "../../turns/endings.ts";
import type { EntryLayout } from "../entries/entry-layout.ts";
import { PagePartition } from "../page-partition.ts";
import { RecoveryTally } from "../recovery-tally.ts";
import { ascending, inSection } from "../section.ts";
import { foundSections } from "../section-blobs.ts";
import type { Sections } from "../section-manager.ts";
import type { SectionSource } from "../section-source.ts";
import { SectionValues } from "../values/section-values.ts";
import { ValuePartition } from "../values/value-partition.ts";
import { bothAtOnce } from "./both-at-once.ts";
import type {
	OversizedJournalOptions,
	PointingEntries,
} from "./oversized-options.ts";
import { OversizedRecovery } from "./oversized-recovery.ts";
import { OversizedSection } from "./oversized-section.ts";
import { checkedFields, configOf } from "./place-fields.ts";
import { valuesFirst } from "./values-first.ts";

/**
 * The sections of an oversized journal: a blob of entries each, and once it has a value a blob of
 * values.
 */
export class OversizedSections implements SectionSource<OversizedSection> {
	readonly storage: StoreContext;
	readonly owner: Owner;
	readonly partition: string;
	readonly #entries: PagePartition;
	readonly layout: EntryLayout;
	readonly fields: ValueFields;
	readonly tally: RecoveryTally;
	readonly #values: ValuePartition;
	/** Whether values and entries become durable together: a marker has to tell of a crash. */
	readonly #isAtOnce: boolean;
	/** The sections of values that exist. */
	readonly #valued = new Set<bigint>();
	/**
	 * By section, the visible bytes of entries. In a store open for reading, the rest is hidden
	 * instead of cut.
	 */
	readonly #seen = new Map<bigint, number>();

	/**
	 * Throws RangeError and TypeError for an invalid entry, ERR_CONFIG when dualslot.json records a
	 * partition differently.
	 */
	constructor(
		storage: StoreContext,
		owner: Owner,
		options: OversizedJournalOptions<PointingEntries, unknown>,
		layout: EntryLayout,
	) {
		const { index, values, entry, compression, valueBuffer } = options;
		const { pairs = "together" } = options;
		checkOneOf("pairs", pairs, ["together", "ordered"]);
		this.fields = checkedFields(layout.entrySize, entry);
		if (index === values) {
			throw new RangeError("entries and values have a partition each");
		}
		this.#isAtOnce = pairs === "together" && storage.hasMetadata;
		this.storage = storage;
		this.owner = owner;
		this.partition = index;
		this.layout = layout;
		const entries = { storage, owner, name: index };
		this.tally = new RecoveryTally(entries);
		const cache = pageMemory(storage, index, options);
		this.#entries = new PagePartition(entries, cache, layout.capacity, {
			kind: "oversized",
			pageSize: layout.pageSize,
			entry: configOf(layout.entrySize, this.fields),
			values,
		});
		const place = { storage, owner, name: values };
		this.#values = new ValuePartition(place, valueBuffer, {
			kind: "glob",
			index,
			...compressionConfig(compression),
		});
	}

	get bufferBytes(): number {
		return this.#entries.bufferBytes + this.#values.bufferBytes;
	}

	/** Entries, then values. */
	get partitions(): readonly string[] {
		return [this.#entries.name, this.#values.name];
	}

	/** The sections that have entries, ascending. */
	async find(): Promise<bigint[]> {
		for (const section of await foundSections(
			this.storage,
			this.#values.name,
		)) {
			this.#valued.add(section);
		}
		return foundSections(this.storage, this.partition);
	}

	async open(
		section: bigint,
		left: LeftBlob | undefined,
	): Promise<OversizedSection> {
		const values = this.#valuesOf(section, left?.isDurable === true);
		const barrier = this.#isAtOnce ? bothAtOnce(values) : valuesFirst(values);
		const opened = await this.#entries.open(section, { left, barrier });
		const open = new OversizedSection(
			this.storage,
			opened,
			this.layout,
			this.fields,
			values,
			this.#isAtOnce,
		);
		open.hideFrom(this.#seen.get(section) ?? Number.POSITIVE_INFINITY);
		return open;
	}

	/** Entries, then values. */
	async remove(section: bigint): Promise<void> {
		await this.#entries.remove(section);
		if (this.#valued.has(section)) {
			await this.#values.remove(section);
			this.#valued.delete(section);
		}
	}

	async judge(section: bigint, open: OversizedSection): Promise<void> {
		const recovery = new OversizedRecovery(this.storage, section, open);
		await recovery.run(this.tally);
		if (this.storage.readOnly) {
			this.#seen.set(section, open.size);
		}
	}

	/** Judges the sections that are due, and removes the values of sections without entries. */
	async recover(sections: Sections<OversizedSection>): Promise<void> {
		const isDue = (section: bigint) =>
			this.#entries.isDue(section) || this.#values.isOwed(section);
		await sections.recover(isDue, () => this.#removeOrphans(sections));
	}

	async #removeOrphans(sections: Sections<OversizedSection>): Promise<void> {
		for (const section of ascending(this.#valued)) {
			if (!sections.has(section)) {
				try {
					await this.#removeOrphan(section);
				} catch (error) {
					throw inSection(error, this.#values.name, section);
				}
			}
		}
	}

	/**
	 * A crash leaves values without entries between the two removals of a section, or after its first
	 * append.
	 */
	async #removeOrphan(section: bigint): Promise<void> {
		const { storage } = this;
		const values = await this.#values.open(section, false);
		const look = async () => {
			const bytes = values.size;
			const isExplained = this.#entries.isOwed(section);
			const [copy] = isExplained ? [] : await values.keepFrom(0);
			return { section, bytes, ...(copy !== undefined && { copy }) };
		};
		const orphan = await endingWith(look, () => values.drop());
		if (!storage.readOnly) {
			await this.#values.remove(section);
		}
		this.#valued.delete(section);
		this.tally.addOrphan(orphan);
	}

	#valuesOf(section: bigint, isDurable: boolean): SectionValues {
		return new SectionValues(this.#values, this.#valued, section, isDurable);
	}
}
