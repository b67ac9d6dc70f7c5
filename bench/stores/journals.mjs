import { Buffer } from "node:buffer";
import {
	FixedJournal,
	OversizedJournal,
	PageCache,
	Storage,
	VariableJournal,
} from "../../build/index.js";
import { nodeHost } from "../../build/node.js";
import { PAGE_SIZE } from "../dualslot.mjs";
import { countingHost } from "../seam.mjs";

const SECTION = 1n;
/** As the program of commonware names it. */
const PARTITION = "journal";

/** A journal with one section, in a store of its own. */
class JournalStore {
	length;
	journal;
	stored;
	#storage;

	constructor(storage, journal, stored, length) {
		this.#storage = storage;
		this.journal = journal;
		this.stored = stored;
		this.length = length;
	}

	async fill(count) {
		const end = this.length + count;
		while (this.length < end) {
			await this.appendNext();
		}
		await this.journal.sync(SECTION);
	}

	async append() {
		await this.appendNext();
		await this.journal.sync(SECTION);
	}

	close() {
		return this.#storage.close();
	}
}

export class FixedStore extends JournalStore {
	static async open(directory, stored, options) {
		const { storage, cache, writeBuffer } = await openCached(
			directory,
			options,
		);
		const journal = await FixedJournal.open(storage, {
			partition: PARTITION,
			cache,
			entry: { size: stored.size },
			writeBuffer,
		});
		const length = (await journal.size(SECTION)) / stored.size;
		return new FixedStore(storage, journal, stored, length);
	}

	/** As fill, with entries that already lie one after the other. */
	async fillMany(count) {
		const { block, pooled, size } = this.stored;
		const end = this.length + count;
		while (this.length < end) {
			const from = this.length % pooled;
			const many = Math.min(pooled - from, end - this.length);
			const entries = block.subarray(from * size, (from + many) * size);
			await this.journal.appendMany(SECTION, entries);
			this.length += many;
		}
		await this.journal.sync(SECTION);
	}

	appendNext() {
		const entry = this.stored.at(this.length);
		this.length += 1;
		return this.journal.append(SECTION, entry);
	}

	async getEach(indices) {
		const last = this.stored.size - 1;
		let digest = 0;
		for (const index of indices) {
			const entry = await this.journal.get(SECTION, index);
			digest += entry[0] * 256 + entry[last];
		}
		return digest;
	}

	tryGetEach(indices) {
		const entry = new Uint8Array(this.stored.size);
		const last = this.stored.size - 1;
		let digest = 0;
		for (const index of indices) {
			if (!this.journal.tryGet(SECTION, index, entry)) {
				throw new Error("tryGet found a page that is not in memory");
			}
			digest += entry[0] * 256 + entry[last];
		}
		return digest;
	}

	async digest() {
		const last = this.stored.size - 1;
		let digest = 0;
		for await (const { entry } of this.journal.replay()) {
			digest += entry[0] * 256 + entry[last];
		}
		return digest;
	}

	async digestBatches() {
		const { size } = this.stored;
		let digest = 0;
		for await (const { entries } of this.journal.replay().batches()) {
			for (let at = 0; at < entries.length; at += size) {
				digest += entries[at] * 256 + entries[at + size - 1];
			}
		}
		return digest;
	}

	async *all() {
		for await (const { entry } of this.journal.replay()) {
			yield entry;
		}
	}
}

/** Items that one call of appendMany takes, at most. */
const MANY = 1024;

/** Its length counts what was appended since it was opened. */
export class VariableStore extends JournalStore {
	static async open(directory, stored, options) {
		const { storage, cache, writeBuffer } = await openCached(
			directory,
			options,
		);
		const journal = await VariableJournal.open(storage, {
			partition: PARTITION,
			cache,
			writeBuffer,
		});
		return new VariableStore(storage, journal, stored, 0);
	}

	/** As fill, with items that one array holds. */
	async fillMany(count) {
		const end = this.length + count;
		while (this.length < end) {
			const many = Math.min(MANY, end - this.length);
			const items = Array.from({ length: many }, (_, index) =>
				this.stored.at(this.length + index),
			);
			await this.journal.appendMany(SECTION, items);
			this.length += many;
		}
		await this.journal.sync(SECTION);
	}

	appendNext() {
		const item = this.stored.at(this.length);
		this.length += 1;
		return this.journal.append(SECTION, item);
	}

	async digest() {
		const last = this.stored.size - 1;
		let digest = 0;
		for await (const { item } of this.journal.replay()) {
			digest += item[0] * 256 + item[last];
		}
		return digest;
	}

	async digestBatches() {
		const last = this.stored.size - 1;
		let digest = 0;
		for await (const batch of this.journal.replay().batches()) {
			for (let index = 0; index < batch.length; index += 1) {
				const item = batch.item(index);
				digest += item[0] * 256 + item[last];
			}
		}
		return digest;
	}

	async *all() {
		for await (const { item } of this.journal.replay()) {
			yield item;
		}
	}
}

/** An entry has the value's number, in 8 bytes, and its place. */
const ENTRY = { size: 20, offsetAt: 8, sizeAt: 16 };

export class OversizedStore extends JournalStore {
	static async open(directory, stored, options) {
		const { storage, cache, writeBuffer } = await openCached(
			directory,
			options,
		);
		const journal = await OversizedJournal.open(storage, {
			index: "index",
			values: "values",
			cache,
			entry: ENTRY,
			writeBuffer,
			valueBuffer: writeBuffer,
		});
		const length = (await journal.size(SECTION)) / ENTRY.size;
		return new OversizedStore(storage, journal, stored, length);
	}

	appendNext() {
		const entry = Buffer.alloc(ENTRY.size);
		entry.writeUInt32BE(this.length, 4);
		const value = this.stored.at(this.length);
		this.length += 1;
		return this.journal.append(SECTION, entry, value);
	}

	async getEach(indices) {
		const last = this.stored.size - 1;
		let digest = 0;
		for (const index of indices) {
			const value = await this.#valueOf(await this.journal.get(SECTION, index));
			digest += value[0] * 256 + value[last];
		}
		return digest;
	}

	async tryGetEach(indices) {
		const last = this.stored.size - 1;
		let digest = 0;
		for (const index of indices) {
			const [offset, size] = placeIn(await this.journal.get(SECTION, index));
			const value =
				this.journal.tryGetValue(SECTION, offset, size) ??
				(await this.journal.getValue(SECTION, offset, size));
			digest += value[0] * 256 + value[last];
		}
		return digest;
	}

	async digest() {
		const last = this.stored.size - 1;
		let digest = 0;
		for await (const { value } of this.journal.replay({ values: true })) {
			digest += value[0] * 256 + value[last];
		}
		return digest;
	}

	async digestBatches() {
		const last = this.stored.size - 1;
		let digest = 0;
		const replay = this.journal.replay({ values: true });
		for await (const batch of replay.batches()) {
			for (let index = 0; index < batch.length; index += 1) {
				const value = batch.value(index);
				digest += value[0] * 256 + value[last];
			}
		}
		return digest;
	}

	/** As a program does that asks for the value of each entry itself. */
	async digestEach() {
		const last = this.stored.size - 1;
		let digest = 0;
		for await (const { entry } of this.journal.replay()) {
			const value = await this.#valueOf(entry);
			digest += value[0] * 256 + value[last];
		}
		return digest;
	}

	async *all() {
		let expected = 0;
		for await (const { entry } of this.journal.replay()) {
			if (uint32At(entry, 4) !== expected) {
				throw new Error(`dualslot: entry ${expected} is wrong`);
			}
			expected += 1;
			yield await this.#valueOf(entry);
		}
	}

	#valueOf(entry) {
		return this.journal.getValue(SECTION, ...placeIn(entry));
	}
}

/** The offset and the size of an entry's value. */
function placeIn(entry) {
	const offset =
		uint32At(entry, ENTRY.offsetAt) * 2 ** 32 +
		uint32At(entry, ENTRY.offsetAt + 4);
	return [offset, uint32At(entry, ENTRY.sizeAt)];
}

function uint32At(bytes, at) {
	return (
		((bytes[at] << 24) |
			(bytes[at + 1] << 16) |
			(bytes[at + 2] << 8) |
			bytes[at + 3]) >>>
		0
	);
}

/** With `counts`, counts the bytes that are read. */
async function openCached(
	directory,
	{
		sync = "async",
		pages = 1024,
		writeBuffer,
		counts,
		memory,
		readOnly = false,
	} = {},
) {
	const files = nodeHost(directory, { sync });
	const host = counts === undefined ? files : countingHost(files, counts);
	const storage = await Storage.open(host, { memory, readOnly });
	const cache = new PageCache(storage, { pageSize: PAGE_SIZE, pages });
	return { storage, cache, writeBuffer };
}
