import { VALUE_CRC_SIZE, VALUE_SIZE_SIZE } from "../../../assembly/format.ts";
import { checkRange } from "../../checks.ts";
import type {
	PointedRun,
	PointingEntry,
	ValueFields,
} from "../../core/answers.ts";
import { StorageError } from "../../errors.ts";
import type { Form } from "../../forms/form.ts";
import { FormContent } from "../../forms/form-content.ts";
import type { StoreContext } from "../../storage/context.ts";
import { blobPath } from "../../storage/names.ts";
import { AppendQueue } from "../../turns/append-queue.ts";
import { endingIfFailed, endingWith } from "../../turns/endings.ts";
import { JoinedSync } from "../../turns/joined-sync.ts";
import { Mutex } from "../../turns/mutex.ts";
import type { EntryLayout } from "../entries/entry-layout.ts";
import { EntrySection } from "../entries/entry-section.ts";
import type { OpenedPages } from "../page-partition.ts";
import type { SectionValues } from "../values/section-values.ts";
import type { ValuePlace } from "../values/value.ts";
import { runLimits, type ValueRun } from "../values/value-runs.ts";
import { syncBoth } from "./both-at-once.ts";
import { ManyValues } from "./many-values.ts";
import { refuseUnlessHeld } from "./place-fields.ts";
import { PointingForm } from "./pointing-form.ts";

/** Values that were read together, and where each lies in its section. */
export type ReadValues = readonly {
	readonly bytes: Uint8Array;
	readonly offset: number;
}[];

/** Where an entry and its value lie. */
export interface AppendedValue extends ValuePlace {
	/** The entry's number in its section, from 0 on. */
	readonly position: number;
}

/**
 * Entries of one open section that point at values of the same section. Entries are appended in the
 * order of their values, so no value lies behind the last entry's value. A sync makes values
 * durable with their entries, or before them. A rewind cuts entries before values.
 */
export class OversizedSection extends EntrySection {
	readonly #storage: StoreContext;
	readonly #fields: ValueFields;
	readonly values: SectionValues;
	/** Appends that wait, so that entries keep the order of their values. */
	readonly #pairs = new AppendQueue();
	/** Whether values and entries become durable together. */
	readonly #isAtOnce: boolean;
	readonly #sync = new JoinedSync(new Mutex(), () => this.#syncPairs());

	constructor(
		storage: StoreContext,
		opened: OpenedPages,
		layout: EntryLayout,
		fields: ValueFields,
		values: SectionValues,
		isAtOnce: boolean,
	) {
		super(opened, layout);
		this.#storage = storage;
		this.#fields = fields;
		this.values = values;
		this.#isAtOnce = isAtOnce;
	}

	override get failure(): StorageError | undefined {
		return super.failure ?? this.values.open?.failure;
	}

	override get isDurable(): boolean {
		return super.isDurable && this.values.isDurable;
	}

	override get isClean(): boolean {
		return super.isClean && (this.values.open?.isClean ?? true);
	}

	/**
	 * Appends both if that needs no wait, and returns their places. Throws for an invalid entry or
	 * value.
	 */
	tryAppendPair<Entry, Value>(
		form: Form<Entry>,
		entry: Entry,
		valueForm: Form<Value>,
		value: Value,
	): AppendedValue | undefined {
		if (!this.#pairs.isFree || !this.canAppend) {
			return undefined;
		}
		const position = this.count;
		const { core } = this.#storage;
		const appendEntry = (place: ValuePlace) => {
			refuseUnlessHeld(this.#fields, place, this.blob);
			const pointing = new PointingForm(form, core, this.#fields, place);
			this.tryAppend(new FormContent(pointing), entry);
		};
		const place = this.values.open?.tryAppend(valueForm, value, appendEntry);
		return place === undefined ? undefined : { position, ...place };
	}

	async appendPair(
		entry: Uint8Array,
		value: Uint8Array,
	): Promise<AppendedValue> {
		return this.#pairs.run(async () => {
			this.#refuseIfFailed();
			const values = await this.values.made();
			const { size: offset } = values;
			const size = value.length + VALUE_CRC_SIZE;
			refuseUnlessHeld(this.#fields, { offset, size }, this.blob);
			const place = await values.append(value);
			const position = await this.append(this.#pointing(entry, place));
			return { position, ...place };
		});
	}

	/**
	 * The values of consecutive entries, one at least, from the first on: those of one run of at most
	 * `most` bytes, or a longer one alone.
	 */
	async valuesOf(entries: Uint8Array, most: number): Promise<ReadValues> {
		const { offset, firstSize, sizes } = this.runOf(entries, most);
		if (sizes.length > 0) {
			const found = await this.getRun({ offset, sizes });
			if (found.length > 0) {
				return placed(found, offset);
			}
		}
		checkRange(offset, firstSize);
		return [{ bytes: await this.getValue(offset, firstSize), offset }];
	}

	/** The values at places, in their order: those that lie one behind the other are read at once. */
	async getValues(places: readonly ValuePlace[]): Promise<Uint8Array[]> {
		const reader = new ManyValues(this, runLimits(this.#storage));
		return reader.read(places);
	}

	/** The value at a place if it is in memory. */
	tryGetHeldValue(offset: number, size: number): Uint8Array | undefined {
		return this.values.open?.tryGetHeld(offset, size);
	}

	/** The first whole values of a run, none if it must be read otherwise. */
	async getRun(run: ValueRun): Promise<Uint8Array[]> {
		const values = await this.values.opened();
		return values.getRun(run);
	}

	/** A value, if memory has it or the host answers at once. */
	tryGetValue(offset: number, size: number): Uint8Array | undefined {
		return this.values.open?.tryGet(offset, size);
	}

	async getValue(offset: number, size: number): Promise<Uint8Array> {
		const values = await this.values.opened();
		return values.get(offset, size);
	}

	/**
	 * Where the value of the last of the first `count` entries ends; 0 for none. Throws
	 * ERR_OFFSET_OVERFLOW past 2^53 - 1.
	 */
	async valueEnd(count = this.count): Promise<number> {
		if (count === 0) {
			return 0;
		}
		const position = count - 1;
		const entry = await this.get(position);
		const place = this.lastWithin(entry, Number.MAX_SAFE_INTEGER);
		if (place === undefined) {
			const { partition, hexName } = this.blob;
			throw new StorageError(
				"ERR_OFFSET_OVERFLOW",
				`offset overflow: the value of entry ${position} of ${blobPath(this.blob)} ends past 2^53 - 1`,
				{ partition, blob: hexName, position },
			);
		}
		return place.offset + place.size;
	}

	/**
	 * The last of some consecutive entries whose value ends at `limit` or before; undefined if there
	 * is none.
	 */
	lastWithin(entries: Uint8Array, limit: number): PointingEntry | undefined {
		const { core, memory } = this.#storage;
		return memory.scratch.use(entries.length, (address) => {
			core.write(address, entries);
			return core.records.lastEntryWithin(
				address,
				entries.length / this.entrySize,
				this.entrySize,
				this.#fields,
				limit,
			);
		});
	}

	override sync(): Promise<void> {
		return this.#sync.run();
	}

	async #syncPairs(): Promise<void> {
		await this.values.syncFound();
		if (this.#isAtOnce && this.values.isGrounded) {
			await syncBoth(this.values, () => super.sync());
			return;
		}
		// Makes the values durable before it writes their entries.
		await super.sync();
		if (super.isDurable) {
			// Values whose entries were refused.
			await this.values.syncAppended();
		}
	}

	override async planRewind(size: number): Promise<() => Promise<void>> {
		this.#refuseIfFailed();
		const end = await this.valueEnd(size / this.entrySize);
		return async () => {
			await this.shrink(size);
			await this.values.shrink(end);
			await this.sync();
		};
	}

	override async close(): Promise<void> {
		// Waiting pairs were accepted before the close.
		await this.#pairs.ended();
		// Entries that are closed clean say that no value of theirs need be looked for.
		await endingIfFailed(
			() => this.values.syncTouched(),
			() => this.drop(),
		);
		await endingWith(
			() => super.close(),
			() => this.values.close(),
		);
	}

	override async drop(): Promise<void> {
		if (this.#isAtOnce && this.values.open?.hasUnsynced === true) {
			this.#storage.marker.owe(blobPath(this.blob));
		}
		await endingWith(
			() => super.drop(),
			() => this.values.drop(),
		);
	}

	/** The values of as many entries as short steps have memory for. */
	runOf(entries: Uint8Array, most?: number): PointedRun {
		const { core, memory } = this.#storage;
		const { entrySize } = this;
		const each = entrySize + VALUE_SIZE_SIZE;
		const count = Math.min(
			Math.max(1, Math.floor(memory.scratch.size / each)),
			entries.length / entrySize,
		);
		return memory.scratch.use(count * each, (table) => {
			const address = table + count * VALUE_SIZE_SIZE;
			core.write(address, entries.subarray(0, count * entrySize));
			const { bytes } = runLimits(this.#storage, most);
			return core.records.scanValueRun(
				address,
				count,
				entrySize,
				this.#fields,
				bytes,
				table,
			);
		});
	}

	#pointing(entry: Uint8Array, { offset, size }: ValuePlace): Uint8Array {
		const pointing = entry.slice();
		this.#storage.core.records.putPlace(pointing, this.#fields, offset, size);
		return pointing;
	}

	#refuseIfFailed(): void {
		if (this.failure !== undefined) {
			throw this.failure;
		}
	}
}

/** Values that lie one behind the other from an offset on. */
function placed(values: readonly Uint8Array[], start: number): ReadValues {
	let offset = start;
	return values.map((bytes) => {
		const value = { bytes, offset };
		offset += bytes.length + VALUE_CRC_SIZE;
		return value;
	});
}
