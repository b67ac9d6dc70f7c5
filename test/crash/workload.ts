import type { Host } from "../../src/host.ts";
import { PageCache } from "../../src/page-cache.ts";
import { PagedBlob } from "../../src/paged-blob.ts";
import { Storage } from "../../src/storage.ts";
import { joined } from "../support/bytes.ts";
import type { CrashLog } from "../support/crash-log.ts";
import type { Random } from "../support/prng.ts";
import { loggedPhase, type Phase } from "./power-cuts.ts";

/** One content that a blob may have after a cut: any prefix of `bytes` with `least` bytes or more. */
export interface Outcome {
	readonly bytes: Uint8Array;
	readonly least: number;
}

/** What may be found of each blob; a blob that may be missing says so. */
export type Expectation = ReadonlyMap<
	string,
	{ readonly outcomes: readonly Outcome[]; readonly mayBeMissing: boolean }
>;

export interface Shape {
	readonly pageSize: number;
	readonly writeBuffer: number;
}

export const PARTITION = "log";
export const MEMORY = 1024 * 1024;

const NOTHING = new Uint8Array();

export function shapeOf(random: Random, pageSizes: readonly number[]): Shape {
	const pageSize = random.pick(pageSizes);
	return { pageSize, writeBuffer: pageSize * random.integer(1, 5) };
}

interface Tracked {
	readonly paged: PagedBlob;
	/** All that was appended, from the start of the blob. */
	bytes: Uint8Array;
	/** What is acknowledged as durable. */
	least: number;
	/** The content before a cut that is not yet durable. */
	before: Outcome | undefined;
}

/**
 * A writer that does what a seed says, and knows at each step of the log what a disk may be found to hold then: all that
 * was acknowledged, and of the rest a prefix.
 */
export class Workload {
	readonly phases: Phase<Expectation>[] = [];
	readonly #log: CrashLog;
	readonly #random: Random;
	readonly #shape: Shape;
	readonly #blobs = new Map<string, Tracked>();
	#storage: Storage | undefined;
	#cache: PageCache | undefined;

	constructor(log: CrashLog, random: Random, shape: Shape) {
		this.#log = log;
		this.#random = random;
		this.#shape = shape;
	}

	/** Opens the store and the blobs that `found` names, with what was recovered of them. */
	async begin(found: ReadonlyMap<string, Uint8Array>): Promise<void> {
		const expected = new Map(
			[...found].map(([name, bytes]) => [name, stands(bytes, bytes.length)]),
		);
		await this.#phase("open", expected, async () => {
			this.#storage = await Storage.open(this.#log, { memory: MEMORY });
			const { pageSize } = this.#shape;
			this.#cache = new PageCache(this.#storage, { pageSize, pages: 4 });
		});
		for (const [name, bytes] of found) {
			await this.#phase("open", this.#expected(), () =>
				this.#openBlob(name, bytes, expected),
			);
		}
	}

	async run(actions: number): Promise<void> {
		await this.#create(`${this.#random.integer(0, 1e9)}`);
		for (let count = 0; count < actions; count += 1) {
			await this.#act();
		}
	}

	async end(): Promise<void> {
		const after = new Map(
			[...this.#blobs].map(([name, blob]) => [
				name,
				{ outcomes: outcomesOf(blob), mayBeMissing: false },
			]),
		);
		await this.#phase("close", after, async () => {
			await this.#storage?.close();
		});
	}

	async #act(): Promise<void> {
		const name = this.#random.pick([...this.#blobs.keys()]);
		const dice = this.#random.integer(0, 100);
		if (dice < 38) {
			await this.#append(name);
		} else if (dice < 68) {
			await this.#sync(name);
		} else if (dice < 74) {
			await this.#flush(name);
		} else if (dice < 86) {
			await this.#shrink(name);
		} else if (dice < 90) {
			await this.#regrow(name);
		} else if (dice < 92) {
			await this.#reopen(name);
		} else if (dice < 96) {
			await this.#create(`${this.#random.integer(0, 1e9)}`);
		} else if (this.#blobs.size > 1) {
			await this.#remove(name);
		}
	}

	async #create(name: string): Promise<void> {
		const during = this.#expected();
		during.set(name, { ...stands(NOTHING, 0), mayBeMissing: true });
		await this.#phase("create", during, () =>
			this.#openBlob(name, NOTHING, during),
		);
	}

	async #openBlob(
		name: string,
		bytes: Uint8Array,
		expected: Expectation,
	): Promise<void> {
		if (this.#storage === undefined || this.#cache === undefined) {
			throw new Error("the workload has not begun");
		}
		const blob = await this.#storage.open(PARTITION, name);
		const { writeBuffer } = this.#shape;
		const paged = await PagedBlob.open(blob, {
			cache: this.#cache,
			writeBuffer,
		});
		if (paged.size !== bytes.length) {
			throw new Error(
				`${name} was expected at ${bytes.length} bytes, not ${paged.size}; ${expected.size} blobs`,
			);
		}
		this.#blobs.set(name, {
			paged,
			bytes,
			least: bytes.length,
			before: undefined,
		});
	}

	async #append(name: string): Promise<void> {
		const { pageSize } = this.#shape;
		const length = this.#random.chance(0.6)
			? this.#random.integer(1, pageSize)
			: this.#random.integer(1, pageSize * 4);
		// Repeated bytes make it likelier that what is torn together from two writes still looks right.
		const added = this.#random.chance(0.3)
			? new Uint8Array(length).fill(this.#random.integer(0, 3))
			: this.#random.bytes(length);
		await this.#appendBytes(name, added);
	}

	async #appendBytes(name: string, added: Uint8Array): Promise<void> {
		const blob = this.#blob(name);
		blob.bytes = joined(blob.bytes, added);
		await this.#phase("append", this.#expected(), () =>
			blob.paged.append(added),
		);
	}

	async #sync(name: string): Promise<void> {
		const blob = this.#blob(name);
		await this.#phase("sync", this.#expected(), () => blob.paged.sync());
		blob.least = blob.bytes.length;
		blob.before = undefined;
	}

	/** A replay hands the tip over, and promises nothing. */
	async #flush(name: string): Promise<void> {
		const { paged } = this.#blob(name);
		await this.#phase("flush", this.#expected(), async () => {
			await paged.replay().fill();
		});
	}

	async #shrink(name: string): Promise<void> {
		const { pageSize } = this.#shape;
		const old = this.#blob(name).bytes;
		const size = this.#random.chance(0.25)
			? Math.floor(this.#random.integer(0, old.length + 1) / pageSize) *
				pageSize
			: this.#random.integer(
					Math.max(0, old.length - pageSize * 2),
					old.length + 1,
				);
		await this.#shrinkTo(name, size);
	}

	async #shrinkTo(name: string, size: number): Promise<void> {
		const blob = this.#blob(name);
		const old = blob.bytes;
		if (size === old.length) {
			// Nothing to cut: resize does nothing, and promises nothing.
			return;
		}
		blob.least = Math.min(blob.least, size);
		await this.#phase("shrink", this.#expected(), () =>
			blob.paged.resize(size),
		);
		blob.bytes = old.slice(0, size);
		blob.least = size;
		const isDurable = size % this.#shape.pageSize !== 0;
		blob.before = isDurable ? undefined : { bytes: old, least: size };
	}

	/** Other bytes, up to the very length that the blob had before: what was cut off must not come back. */
	async #regrow(name: string): Promise<void> {
		const blob = this.#blob(name);
		const old = blob.bytes.length;
		const inPage = old % this.#shape.pageSize;
		if (inPage < 2) {
			return;
		}
		await this.#sync(name);
		await this.#shrinkTo(name, old - this.#random.integer(1, inPage));
		await this.#appendBytes(name, this.#random.bytes(old - blob.bytes.length));
		await this.#sync(name);
	}

	async #reopen(name: string): Promise<void> {
		const blob = this.#blob(name);
		await this.#phase("close", this.#expected(), () => blob.paged.close());
		blob.least = blob.bytes.length;
		blob.before = undefined;
		const expected = this.#expected();
		await this.#phase("open", expected, () =>
			this.#openBlob(name, blob.bytes, expected),
		);
	}

	async #remove(name: string): Promise<void> {
		const blob = this.#blob(name);
		await this.#phase("close", this.#expected(), () => blob.paged.close());
		blob.least = blob.bytes.length;
		blob.before = undefined;
		const during = this.#expected();
		during.set(name, { outcomes: outcomesOf(blob), mayBeMissing: true });
		await this.#phase("remove", during, async () => {
			await this.#storage?.remove(PARTITION, name);
		});
		this.#blobs.delete(name);
	}

	#blob(name: string): Tracked {
		const blob = this.#blobs.get(name);
		if (blob === undefined) {
			throw new Error(`no blob ${name}`);
		}
		return blob;
	}

	#expected(): Map<
		string,
		{ outcomes: readonly Outcome[]; mayBeMissing: boolean }
	> {
		return new Map(
			[...this.#blobs].map(([name, blob]) => [
				name,
				{ outcomes: outcomesOf(blob), mayBeMissing: false },
			]),
		);
	}

	async #phase(
		action: string,
		expected: Expectation,
		step: () => Promise<void>,
	): Promise<void> {
		const phase = await loggedPhase(this.#log, action, expected, step);
		this.phases.push(phase);
	}
}

function outcomesOf({ bytes, least, before }: Tracked): Outcome[] {
	const now = { bytes, least };
	return before === undefined ? [now] : [now, before];
}

function stands(
	bytes: Uint8Array,
	least: number,
): { outcomes: readonly Outcome[]; mayBeMissing: boolean } {
	return { outcomes: [{ bytes, least }], mayBeMissing: false };
}

/**
 * Opens what a cut left and checks it against what may be found, and that it goes on from there. Answers each blob's
 * recovered bytes, or throws what is wrong.
 */
export async function recoverAndCheck(
	host: Host,
	expected: Expectation,
	shape: Shape,
): Promise<Map<string, Uint8Array>> {
	const storage = await Storage.open(host, { memory: MEMORY });
	try {
		const present = await namesIn(storage, host);
		const { pageSize, writeBuffer } = shape;
		const cache = new PageCache(storage, { pageSize, pages: 4 });
		const found = new Map<string, Uint8Array>();
		for (const [name, { outcomes, mayBeMissing }] of expected) {
			if (!present.has(name)) {
				if (!mayBeMissing) {
					throw new Error(`blob ${name} is missing`);
				}
				continue;
			}
			const blob = await storage.open(PARTITION, name);
			const paged = await PagedBlob.open(blob, { cache, writeBuffer });
			if (paged.recovery.damagedPages !== undefined) {
				throw new Error(`blob ${name}: what the cut tore is called damage`);
			}
			const bytes = await readThrough(paged);
			if (!outcomes.some((outcome) => matches(bytes, outcome))) {
				throw new Error(
					`blob ${name} was recovered to ${bytes.length} bytes, which are none of ${outcomes
						.map(({ bytes: all, least }) => `${least} to ${all.length} bytes`)
						.join(
							", or ",
						)} of what was appended; ${JSON.stringify(paged.recovery)}`,
				);
			}
			await requireGoingOn(paged, bytes);
			found.set(name, bytes);
		}
		return found;
	} finally {
		await storage.drop();
	}
}

async function namesIn(storage: Storage, host: Host): Promise<Set<string>> {
	if ((await host.list(PARTITION)) === undefined) {
		return new Set();
	}
	const names = await storage.scan(PARTITION);
	return new Set(names.map((name) => new TextDecoder().decode(name)));
}

async function readThrough(paged: PagedBlob): Promise<Uint8Array> {
	const bytes = await paged.read(0, paged.size);
	let replayed = 0;
	for await (const chunk of paged.replay({ buffer: 1 })) {
		replayed += chunk.length;
	}
	if (replayed !== paged.size) {
		throw new Error(`replay gave ${replayed} bytes of ${paged.size}`);
	}
	return bytes;
}

/** A recovered blob must go on: what is appended and synced now is there behind what was found. */
async function requireGoingOn(
	paged: PagedBlob,
	bytes: Uint8Array,
): Promise<void> {
	const added = new Uint8Array([1, 2, 3, 4, 5]);
	await paged.append(added);
	await paged.sync();
	const all = joined(bytes, added);
	const read = await paged.read(0, paged.size);
	if (!matches(read, { bytes: all, least: all.length })) {
		throw new Error("what was appended after recovery is not what is read");
	}
}

function matches(found: Uint8Array, { bytes, least }: Outcome): boolean {
	return (
		found.length >= least &&
		found.length <= bytes.length &&
		found.every((byte, index) => byte === bytes[index])
	);
}
