import { FixedJournal } from "../../../src/journal/entries/fixed-journal.ts";
import { VariableJournal } from "../../../src/journal/items/variable-journal.ts";
import type { Journal } from "../../../src/journal/journal.ts";
import { OversizedJournal } from "../../../src/journal/oversized/oversized-journal.ts";
import { Glob } from "../../../src/journal/values/glob.ts";
import { PageCache } from "../../../src/paged/cache.ts";
import type { Storage } from "../../../src/storage/storage.ts";
import { ContentDigest } from "../oracles/content-digest.ts";
import { fromHex } from "../runs/bytes.ts";
import { compressionOf, type ScriptShape } from "./script-shape.ts";
import { ScriptedBlobs } from "./scripted-blobs.ts";

export const PARTITION = "journal";
export const INDEX_PARTITION = "index";
export const VALUES_PARTITION = "values";

const OFFSET_WIDTH = 8;
const POINTER_WIDTH = 12;

/**
 * A script's calls of a journal of any kind. Items, places and answers are text, as in its lines.
 */
export interface ScriptedJournal {
	/** Returns the items' places. */
	append(section: bigint, items: readonly string[]): Promise<string>;
	sync(section: bigint): Promise<void>;
	syncAll(): Promise<void>;
	prune(min: bigint): Promise<boolean>;
	rewind(section: bigint, size: number): Promise<void>;
	rewindSection(section: bigint, size: number): Promise<void>;
	size(section: bigint): Promise<number>;
	/** For all records that a replay finds; for a glob, those at the places. */
	digest(places: readonly string[]): Promise<ContentDigest>;
	/** The report of the open; undefined for a glob, which repairs nothing. */
	recovery(): unknown;
}

export function openScripted(
	storage: Storage,
	shape: ScriptShape,
): Promise<ScriptedJournal> {
	switch (shape.kind) {
		case "paged":
			return ScriptedBlobs.open(storage, PARTITION, shape);
		case "fixed":
			return openFixed(storage, shape);
		case "variable":
			return openVariable(storage, shape);
		case "glob":
			return openGlob(storage, shape);
		case "oversized":
			return openOversized(storage, shape);
	}
}

/** Places of records that a replay does not find by itself, as a script names them. */
export function placeOfValue(section: bigint, appended: string): string {
	return `${section}:${appended}`;
}

async function openFixed(
	storage: Storage,
	{ pageSize, pages, writeBuffer, itemSize }: ScriptShape,
): Promise<ScriptedJournal> {
	const journal = await FixedJournal.open(storage, {
		partition: PARTITION,
		cache: new PageCache(storage, { pageSize, pages }),
		entry: { size: itemSize },
		writeBuffer,
	});
	return scripted(journal, {
		append: async (section, items) => {
			const first = await journal.appendMany(section, fromHex(items.join("")));
			return items.map((_, index) => first + index).join(" ");
		},
		digest: async () => {
			const digest = new ContentDigest();
			for await (const { section, position, entry } of journal.replay()) {
				digest.add(section, position, entry);
			}
			return digest;
		},
		recovery: () => journal.recovery,
	});
}

/** Cuts torn tails at once, as commonware's replay does, not only at the next append. */
async function openVariable(
	storage: Storage,
	shape: ScriptShape,
): Promise<ScriptedJournal> {
	const { pageSize, pages, writeBuffer } = shape;
	const journal = await VariableJournal.open(storage, {
		partition: PARTITION,
		cache: new PageCache(storage, { pageSize, pages }),
		writeBuffer,
		...compressionOf(shape),
	});
	await digestOfItems(journal);
	return scripted(journal, {
		append: (section, items) =>
			inTurn(items, async (item) => {
				const { offset, size } = await journal.append(section, fromHex(item));
				return `${offset}:${size}`;
			}),
		digest: () => digestOfItems(journal),
		recovery: () => journal.recovery,
	});
}

async function digestOfItems(journal: VariableJournal): Promise<ContentDigest> {
	const digest = new ContentDigest();
	const replay = journal.replay();
	let position = 0;
	let last: bigint | undefined;
	for await (const { section, item } of replay) {
		position = section === last ? position + 1 : 0;
		last = section;
		digest.add(section, position, item);
	}
	for (const { section, offset } of replay.torn) {
		await journal.rewindSection(section, offset);
	}
	return digest;
}

async function openGlob(
	storage: Storage,
	shape: ScriptShape,
): Promise<ScriptedJournal> {
	const glob = await Glob.open(storage, {
		partition: PARTITION,
		writeBuffer: shape.writeBuffer,
		...compressionOf(shape),
	});
	return scripted(glob, {
		append: (section, items) =>
			inTurn(items, async (item) => {
				const { offset, size } = await glob.append(section, fromHex(item));
				return `${offset}:${size}`;
			}),
		digest: async (places) => {
			const digest = new ContentDigest();
			for (const [index, place] of places.entries()) {
				const [section = "", offset, size] = place.split(":");
				const value = await glob.get(
					BigInt(section),
					Number(offset),
					Number(size),
				);
				digest.add(BigInt(section), index, value);
			}
			return digest;
		},
		recovery: () => undefined,
	});
}

async function openOversized(
	storage: Storage,
	shape: ScriptShape,
): Promise<ScriptedJournal> {
	const { pageSize, pages, writeBuffer, valueBuffer, itemSize } = shape;
	const size = itemSize + POINTER_WIDTH;
	const sizeAt = itemSize + OFFSET_WIDTH;
	const journal = await OversizedJournal.open(storage, {
		index: INDEX_PARTITION,
		values: VALUES_PARTITION,
		cache: new PageCache(storage, { pageSize, pages }),
		entry: { size, offsetAt: itemSize, sizeAt },
		...{ writeBuffer, valueBuffer },
		...compressionOf(shape),
	});
	return scripted(journal, {
		append: (section, items) =>
			inTurn(items, async (item) => {
				const [key = "", value = ""] = item.split(":");
				const entry = new Uint8Array(size);
				entry.set(fromHex(key));
				const at = await journal.append(section, entry, fromHex(value));
				return `${at.position}:${at.offset}:${at.size}`;
			}),
		digest: async () => {
			const digest = new ContentDigest();
			for await (const { section, position, entry } of journal.replay()) {
				const view = new DataView(entry.buffer, entry.byteOffset, size);
				const offset = Number(view.getBigUint64(itemSize));
				const length = view.getUint32(sizeAt);
				const value = await journal.getValue(section, offset, length);
				digest.add(section, position, entry.subarray(0, itemSize), value);
			}
			return digest;
		},
		recovery: () => journal.recovery,
	});
}

/** The parts that all journals in sections share, and the others. */
function scripted(
	journal: Journal,
	own: Pick<ScriptedJournal, "append" | "digest" | "recovery">,
): ScriptedJournal {
	return {
		sync: (section) => journal.sync(section),
		syncAll: () => journal.syncAll(),
		prune: (min) => journal.prune(min),
		rewind: (section, size) => journal.rewind(section, size),
		rewindSection: (section, size) => journal.rewindSection(section, size),
		size: (section) => journal.size(section),
		...own,
	};
}

async function inTurn(
	items: readonly string[],
	append: (item: string) => Promise<string>,
): Promise<string> {
	const places: string[] = [];
	for (const item of items) {
		places.push(await append(item));
	}
	return places.join(" ");
}
