import type { Infer } from "../../../src/codec/codec.ts";
import * as codec from "../../../src/codec/index.ts";
import type { Host } from "../../../src/host/host.ts";
import { FixedJournal } from "../../../src/journal/entries/fixed-journal.ts";
import { VariableJournal } from "../../../src/journal/items/variable-journal.ts";
import { Glob } from "../../../src/journal/values/glob.ts";
import { PageCache } from "../../../src/paged/cache.ts";
import { Storage } from "../../../src/storage/storage.ts";
import { MEMORY } from "../runs/suite.ts";

/** 17 bytes. */
const READING = codec.struct({
	at: codec.u64,
	level: codec.i32,
	parts: codec.tuple(codec.u16, codec.u16),
	isLast: codec.bool,
});
const NOTE = codec.struct({
	name: codec.string({ max: 100 }),
	tags: codec.array(codec.uvarint32, { max: 1000 }),
	reply: codec.option(codec.u64),
});

/**
 * A store of journals that hold values, not bytes: fixed entries, items of any length, and items in
 * zstd.
 */
export class CodecSession {
	readonly #storage: Storage;

	private constructor(storage: Storage) {
		this.#storage = storage;
	}

	static async open(host: Host): Promise<CodecSession> {
		return new CodecSession(await Storage.open(host, { memory: MEMORY }));
	}

	drop(): Promise<void> {
		return this.#storage.drop();
	}

	async obey(line: string): Promise<string> {
		const [operation = "", ...words] = line.split(" ");
		switch (operation) {
			case "append":
				return this.#append(words.map(Number));
			case "values":
				return this.#values(words.map(Number));
			case "recovery":
				return JSON.stringify({ store: this.#storage.recovery });
			case "close":
				await this.#storage.close();
				return "ok";
			default:
				throw new Error(`no operation is called ${operation}`);
		}
	}

	/** Returns the places of the glob's values. */
	async #append(numbers: readonly number[]): Promise<string> {
		const { readings, notes, long, values } = await this.#journals();
		const places: number[] = [];
		for (const number of numbers) {
			await readings.append(1n, readingOf(number));
			await notes.append(1n, noteOf(number));
			await long.append(1n, noteOf(number * 20));
			const { offset, size } = await values.append(1n, noteOf(number));
			places.push(offset, size);
		}
		for (const journal of [readings, notes, long, values]) {
			await journal.close();
		}
		return places.join(" ");
	}

	/** Of every journal in turn; of the glob, the values at the places. */
	async #values(places: readonly number[]): Promise<string> {
		const { readings, notes, long, values } = await this.#journals();
		const found: unknown[] = [];
		for await (const { entry } of readings.replay()) {
			found.push(entry);
		}
		for (const journal of [notes, long]) {
			for await (const { item } of journal.replay()) {
				found.push(item);
			}
		}
		for (let at = 0; at < places.length; at += 2) {
			const [offset = 0, size = 0] = places.slice(at, at + 2);
			found.push(await values.get(1n, offset, size));
		}
		return JSON.stringify(found, (_, value) =>
			typeof value === "bigint" ? String(value) : value,
		);
	}

	async #journals() {
		const storage = this.#storage;
		const cache = new PageCache(storage, { pageSize: 64, pages: 4 });
		return {
			readings: await FixedJournal.open(storage, {
				...{ partition: "readings", cache, entry: READING },
			}),
			notes: await VariableJournal.open(storage, {
				...{ partition: "notes", cache, item: NOTE },
			}),
			long: await VariableJournal.open(storage, {
				...{ partition: "long", cache, item: NOTE, compression: 3 },
			}),
			values: await Glob.open(storage, {
				...{ partition: "values", value: NOTE },
			}),
		};
	}
}

function readingOf(number: number): Infer<typeof READING> {
	return {
		at: BigInt(number) << 32n,
		level: -number,
		parts: [number, 1000 + number],
		isLast: number % 2 === 1,
	};
}

function noteOf(number: number): Infer<typeof NOTE> {
	return {
		name: `note ${number}`,
		tags: Array.from({ length: number }, (_, index) => index % 7),
		reply: number % 2 === 0 ? undefined : BigInt(number),
	};
}
