import { FixedJournal } from "../../src/journal/entries/fixed-journal.ts";
import { VariableJournal } from "../../src/journal/items/variable-journal.ts";
import { OversizedJournal } from "../../src/journal/oversized/oversized-journal.ts";
import type { JournalRecovery } from "../../src/journal/report.ts";
import {
	ascending,
	blobNameOfSection,
	type Section,
} from "../../src/journal/section.ts";
import { PageCache } from "../../src/paged/cache.ts";
import type { Storage } from "../../src/storage/storage.ts";
import type { StorageBlob } from "../../src/storage/storage-blob.ts";
import type { Random } from "../support/runs/prng.ts";
import {
	INDEX,
	pointer,
	pointerIn,
	VALUES,
} from "../support/stores/journal-store.ts";
import { isDamage } from "./paged-expectation.ts";

export interface JournalShape {
	readonly kind: "fixed" | "oversized" | "variable";
	/** Those that a workload uses, ascending: few, so that one that was removed is soon made again. */
	readonly sections: readonly bigint[];
	readonly pageSize: number;
	readonly writeBuffer: number;
	readonly valueBuffer: number;
	/** Without it no marker tells of a crash: what it tore stays, with what lies behind. */
	readonly metadata: boolean;
	/** Whether the store erases what is cut; it does not by default. */
	readonly erase?: boolean;
	/** Of an oversized journal; 'together' by default. */
	readonly pairs?: "together" | "ordered" | undefined;
	/** Zeros ahead of each blob of pages; none by default. */
	readonly ahead?: number;
}

const CACHED_PAGES = 8;
const SECTIONS = [0n, 1n, 2n, 3n, 7n, 2n ** 40n, 2n ** 64n - 1n];
const ENTRY_SIZE = 20;
/** Bytes of a record's number in an item. */
const NUMBER_SIZE = 4;
const VALUE_LENGTHS = [0, 4, 5, 16, 16, 40, 100, 600];

export function journalShape(
	random: Random,
	kind: JournalShape["kind"],
	pageSizes: readonly number[],
	metadata: boolean,
): JournalShape {
	const pageSize = random.pick(pageSizes);
	const sections = random.shuffle(SECTIONS).slice(0, random.pick([2, 2, 3, 4]));
	return {
		kind,
		sections: ascending(sections),
		pageSize,
		// Small enough that it fills by itself.
		writeBuffer: pageSize * random.integer(1, 4),
		valueBuffer: random.pick([16, 64, 300]),
		metadata,
	};
}

/** Records that are known by a number, in a journal of any kind. The number tells the value or the item, too. */
export interface CrashJournal {
	readonly journal: FixedJournal | OversizedJournal | VariableJournal;
	/** What opening cut of entries, and took for damage. */
	readonly recovery: Pick<JournalRecovery, "cuts" | "damaged">;
	append(section: Section, id: number): Promise<unknown>;
	/** The numbers of all records from a section on. Throws when a value is not its own entry's. */
	records(from?: Section): AsyncIterable<Numbered>;
}

/** A record's number, and the section that it is in. */
interface Numbered {
	readonly section: bigint;
	readonly id: number;
}

/** The records of one section before the first that cannot be read. */
interface Readable {
	readonly ids: readonly number[];
	/** Whether there is no such one. */
	readonly isWhole: boolean;
}

/** A new record's number; its value has one of a few lengths, so that another often fits in its place. */
export function recordNumber(random: Random, count: number): number {
	return count * VALUE_LENGTHS.length + random.integer(0, VALUE_LENGTHS.length);
}

export function openJournal(
	storage: Storage,
	shape: JournalShape,
): Promise<CrashJournal> {
	switch (shape.kind) {
		case "fixed":
			return openFixed(storage, shape);
		case "oversized":
			return openOversized(storage, shape);
		case "variable":
			return openVariable(storage, shape);
	}
}

/** Bytes of a section with these records. */
export function sizeOf({ kind }: JournalShape, ids: readonly number[]): number {
	return kind === "variable"
		? ids.reduce((size, id) => size + frameSize(ownItem(id).length), 0)
		: ids.length * ENTRY_SIZE;
}

/** Where the values of a section's entries end, in their order. */
export async function valueEnds(
	{ journal }: CrashJournal,
	section: bigint,
): Promise<number[]> {
	const ends: number[] = [];
	if (journal instanceof VariableJournal) {
		return ends;
	}
	for await (const found of journal.replay({ from: section })) {
		if (found.section !== section) {
			break;
		}
		const { offset, size } = pointerIn(found.entry);
		ends.push(offset + size);
	}
	return ends;
}

/** Whether a crash may leave entries whose values it has taken. */
export function mayLoseValues({
	kind,
	metadata,
	pairs,
}: JournalShape): boolean {
	return kind === "oversized" && metadata && pairs !== "ordered";
}

/** The numbers of all records, by section; or where nothing tells recovery of a crash, of those that can be read. */
export async function readJournal(
	opened: CrashJournal,
	{ metadata }: JournalShape,
): Promise<Map<bigint, readonly number[]>> {
	if (metadata) {
		return readWhole(opened);
	}
	const found = new Map<bigint, readonly number[]>();
	for (const section of opened.journal.sections()) {
		found.set(section, (await readableOf(opened, section)).ids);
	}
	return found;
}

/** Cuts what cannot be read from each section, where nothing has told recovery to. */
export async function cutWhatIsTorn(
	opened: CrashJournal,
	shape: JournalShape,
): Promise<void> {
	for (const section of shape.metadata ? [] : opened.journal.sections()) {
		const { ids, isWhole } = await readableOf(opened, section);
		if (!isWhole) {
			await opened.journal.rewindSection(section, sizeOf(shape, ids));
		}
	}
}

async function readWhole({
	journal,
	records,
}: CrashJournal): Promise<Map<bigint, number[]>> {
	const found = new Map<bigint, number[]>(
		journal.sections().map((section) => [section, []]),
	);
	for await (const { section, id } of records()) {
		found.get(section)?.push(id);
	}
	return found;
}

async function readableOf(
	{ records }: CrashJournal,
	from: bigint,
): Promise<Readable> {
	const ids: number[] = [];
	try {
		for await (const { section, id } of records(from)) {
			if (section !== from) {
				break;
			}
			ids.push(id);
		}
	} catch (error) {
		if (!isDamage(error)) {
			throw error;
		}
		return { ids, isWhole: false };
	}
	return { ids, isWhole: true };
}

export function openValues(
	storage: Storage,
	section: bigint,
): Promise<StorageBlob> {
	return storage.open(VALUES, blobNameOfSection(section));
}

async function openFixed(
	storage: Storage,
	{ pageSize, writeBuffer }: JournalShape,
): Promise<CrashJournal> {
	const journal = await FixedJournal.open(storage, {
		partition: INDEX,
		cache: new PageCache(storage, { pageSize, pages: CACHED_PAGES }),
		entry: { size: 20 },
		writeBuffer,
	});
	return {
		journal,
		recovery: journal.recovery,
		append: (section, id) => journal.append(section, pointer(id)),
		records: (from) => entriesOf(journal, async () => undefined, from),
	};
}

async function openOversized(
	storage: Storage,
	{ pageSize, writeBuffer, valueBuffer, pairs }: JournalShape,
): Promise<CrashJournal> {
	const journal = await OversizedJournal.open(storage, {
		index: INDEX,
		values: VALUES,
		cache: new PageCache(storage, { pageSize, pages: CACHED_PAGES }),
		entry: { size: 20, offsetAt: 8, sizeAt: 16 },
		...{ writeBuffer, valueBuffer },
		...(pairs !== undefined && { pairs }),
	});
	const requireOwnValue = async (section: bigint, entry: Uint8Array) => {
		const { id, offset, size } = pointerIn(entry);
		const value = await journal.getValue(section, offset, size);
		if (!isSame(value, ownValue(id))) {
			throw new Error(
				`record ${id} of section ${section} has a value that is not its own`,
			);
		}
	};
	return {
		journal,
		recovery: journal.recovery,
		append: (section, id) => journal.append(section, pointer(id), ownValue(id)),
		records: (from) => entriesOf(journal, requireOwnValue, from),
	};
}

async function openVariable(
	storage: Storage,
	{ pageSize, writeBuffer }: JournalShape,
): Promise<CrashJournal> {
	const journal = await VariableJournal.open(storage, {
		partition: INDEX,
		cache: new PageCache(storage, { pageSize, pages: CACHED_PAGES }),
		writeBuffer,
	});
	return {
		journal,
		recovery: { cuts: [], damaged: journal.recovery.damaged ?? [] },
		append: (section, id) => journal.append(section, ownItem(id)),
		records: (from) => itemsOf(journal, from),
	};
}

async function* itemsOf(
	journal: VariableJournal,
	from: Section = 0n,
): AsyncGenerator<Numbered> {
	for await (const { section, item } of journal.replay({ from })) {
		const view = new DataView(item.buffer, item.byteOffset, item.length);
		const id = view.getUint32(0);
		if (!isSame(item, ownItem(id))) {
			throw new Error(`item ${id} of section ${section} is not its own`);
		}
		yield { section, id };
	}
}

async function* entriesOf(
	journal: FixedJournal | OversizedJournal,
	check: (section: bigint, entry: Uint8Array) => Promise<void>,
	from: Section = 0n,
): AsyncGenerator<Numbered> {
	for await (const { section, entry } of journal.replay({ from })) {
		await check(section, entry);
		yield { section, id: pointerIn(entry).id };
	}
}

function ownValue(id: number): Uint8Array {
	const length = ownLength(id);
	const value = new Uint8Array(length).fill(id / VALUE_LENGTHS.length);
	if (length >= 4) {
		new DataView(value.buffer).setUint32(0, id);
	}
	return value;
}

function ownLength(id: number): number {
	return VALUE_LENGTHS[id % VALUE_LENGTHS.length] ?? 0;
}

/** A record's number, and then its value. */
function ownItem(id: number): Uint8Array {
	const item = new Uint8Array(NUMBER_SIZE + ownLength(id));
	item.fill(id / VALUE_LENGTHS.length);
	new DataView(item.buffer).setUint32(0, id);
	return item;
}

/** An item of this length behind its varint of one byte or two. */
function frameSize(length: number): number {
	return (length < 128 ? 1 : 2) + length;
}

function isSame(found: Uint8Array, own: Uint8Array): boolean {
	return (
		found.length === own.length && found.every((byte, at) => byte === own[at])
	);
}
