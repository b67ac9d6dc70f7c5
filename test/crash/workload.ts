import { PageCache } from "../../src/paged/cache.ts";
import { PagedBlob } from "../../src/paged/paged-blob.ts";
import { Storage } from "../../src/storage/storage.ts";
import type { CrashLog } from "../support/disks/crash-log.ts";
import { joined } from "../support/runs/bytes.ts";
import type { Random } from "../support/runs/prng.ts";
import type {
	Expectation,
	ExpectedBlob,
	Outcome,
} from "./paged-expectation.ts";
import { loggedPhase, type Phase } from "./power-cuts.ts";

export interface Shape {
	readonly pageSize: number;
	readonly writeBuffer: number;
	/** Without it no marker tells of a crash: what it tore stays, with what lies behind. */
	readonly metadata: boolean;
	/** Whether the store erases what is cut; it does not by default. */
	readonly erase?: boolean;
	/** Zeros ahead of each blob; none by default. */
	readonly ahead?: number;
}

export const PARTITION = "log";
export const MEMORY = 1024 * 1024;

const NOTHING = new Uint8Array();
/** Fewer calls than these are under way at once. */
const UNAWAITED_MAX = 7;
/** So many bytes that were cut are looked for, and those of the last cuts alone. */
const ERASED_BYTES = 8;
const ERASED_MAX = 8;
/** Bytes with fewer values may be there for another reason. */
const ERASED_VALUES_LEAST = 6;

export function shapeOf(
	random: Random,
	pageSizes: readonly number[],
	metadata = true,
): Shape {
	const pageSize = random.pick(pageSizes);
	return { pageSize, writeBuffer: pageSize * random.integer(1, 5), metadata };
}

interface Tracked {
	readonly paged: PagedBlob;
	/** All that was appended, from the start of the blob. */
	bytes: Uint8Array;
	/** What is acknowledged as durable. */
	least: number;
	/** The content before a cut that is not yet durable. */
	before: Outcome | undefined;
	/** Pieces of what was cut and erased. */
	erased: readonly Uint8Array[];
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
			const { pageSize, metadata, erase = false, ahead = 0 } = this.#shape;
			this.#storage = await Storage.open(this.#log, {
				memory: MEMORY,
				metadata,
				erase,
				ahead,
			});
			this.#cache = new PageCache(this.#storage, { pageSize, pages: 4 });
		});
		for (const [name, bytes] of found) {
			await this.#phase("open", this.#expected(), () =>
				this.#openBlob(name, bytes),
			);
			await this.#cutWhatIsTorn(name);
		}
		this.#requireSizes();
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
				{
					outcomes: outcomesOf(blob),
					mayBeMissing: false,
					erased: blob.erased,
				},
			]),
		);
		await this.#phase("close", after, async () => {
			await this.#storage?.close();
		});
	}

	async #act(): Promise<void> {
		const name = this.#random.pick([...this.#blobs.keys()]);
		const dice = this.#random.integer(0, 100);
		if (dice < 34) {
			await this.#append(name);
		} else if (dice < 38) {
			await this.#syncUnawaited(name);
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
		await this.#phase("create", during, () => this.#openBlob(name, NOTHING));
	}

	async #openBlob(name: string, bytes: Uint8Array): Promise<void> {
		if (this.#storage === undefined || this.#cache === undefined) {
			throw new Error("the workload has not begun");
		}
		const blob = await this.#storage.open(PARTITION, name);
		const { writeBuffer } = this.#shape;
		const paged = await PagedBlob.open(blob, {
			cache: this.#cache,
			writeBuffer,
		});
		this.#blobs.set(name, {
			paged,
			bytes,
			least: bytes.length,
			before: undefined,
			erased: this.#blobs.get(name)?.erased ?? [],
		});
	}

	/** What cannot be read, where nothing has told recovery to cut it. */
	async #cutWhatIsTorn(name: string): Promise<void> {
		const { paged, bytes } = this.#blob(name);
		if (!this.#shape.metadata && paged.size > bytes.length) {
			await this.#phase("shrink", this.#expected(), () =>
				paged.resize(bytes.length),
			);
		}
	}

	#requireSizes(): void {
		for (const [name, { paged, bytes }] of this.#blobs) {
			if (paged.size !== bytes.length) {
				throw new Error(
					`${name} was expected at ${bytes.length} bytes, not ${paged.size}; ${this.#blobs.size} blobs`,
				);
			}
		}
	}

	async #append(name: string): Promise<void> {
		await this.#appendBytes(name, this.#randomBytes());
	}

	#randomBytes(): Uint8Array {
		const { pageSize } = this.#shape;
		const length = this.#random.chance(0.6)
			? this.#random.integer(1, pageSize)
			: this.#random.integer(1, pageSize * 4);
		// Repeated bytes make it likelier that what is torn together from two writes still looks right.
		return this.#random.chance(0.3)
			? new Uint8Array(length).fill(this.#random.integer(0, 3))
			: this.#random.bytes(length);
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

	/** A sync covers appends and resizes that are called before it and not awaited. */
	async #syncUnawaited(name: string): Promise<void> {
		const blob = this.#blob(name);
		const calls: ((paged: PagedBlob) => Promise<void>)[] = [];
		const cut: Outcome[] = blob.before === undefined ? [] : [blob.before];
		for (
			let left = this.#random.integer(1, UNAWAITED_MAX);
			left > 0;
			left -= 1
		) {
			if (this.#random.chance(0.6)) {
				const added = this.#randomBytes();
				calls.push((paged) => paged.append(added));
				blob.bytes = joined(blob.bytes, added);
			} else {
				const size = this.#sizeBeside(blob.bytes.length);
				calls.push((paged) => paged.resize(size));
				blob.least = Math.min(blob.least, size);
				cut.push({ bytes: blob.bytes, least: blob.least });
				blob.bytes = resized(blob.bytes, size);
			}
		}
		const during = this.#expected();
		const outcomes = [...cut, { bytes: blob.bytes, least: blob.least }];
		during.set(name, { outcomes, mayBeMissing: false });
		await this.#phase("unawaited", during, async () => {
			const taken = Promise.all(calls.map((call) => call(blob.paged)));
			await blob.paged.sync();
			await taken;
		});
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
		const { length } = this.#blob(name).bytes;
		await this.#shrinkTo(name, this.#shorterThan(length));
	}

	#shorterThan(length: number): number {
		const { pageSize } = this.#shape;
		return this.#random.chance(0.25)
			? Math.floor(this.#random.integer(0, length + 1) / pageSize) * pageSize
			: this.#random.integer(Math.max(0, length - pageSize * 2), length + 1);
	}

	/** A size that is more often less than this one. */
	#sizeBeside(length: number): number {
		return this.#random.chance(0.7)
			? this.#shorterThan(length)
			: length + this.#random.integer(1, this.#shape.pageSize * 2);
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
		if (isDurable && this.#shape.erase) {
			const cut = piecesOf(old.subarray(size));
			blob.erased = [...blob.erased, ...cut].slice(-ERASED_MAX);
		}
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
		await this.#phase("open", this.#expected(), () =>
			this.#openBlob(name, blob.bytes),
		);
		this.#requireSizes();
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

	#expected(): Map<string, ExpectedBlob> {
		return new Map(
			[...this.#blobs].map(([name, blob]) => [
				name,
				{
					outcomes: outcomesOf(blob),
					mayBeMissing: false,
					erased: blob.erased,
				},
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

/** Pieces of bytes that are to be found nowhere else. */
function piecesOf(bytes: Uint8Array): Uint8Array[] {
	const pieces: Uint8Array[] = [];
	for (let at = 0; at + ERASED_BYTES <= bytes.length; at += ERASED_BYTES) {
		const piece = bytes.slice(at, at + ERASED_BYTES);
		if (new Set(piece).size >= ERASED_VALUES_LEAST) {
			pieces.push(piece);
		}
	}
	return pieces;
}

/** As a blob is resized: cut, or grown by zeros. */
function resized(bytes: Uint8Array, size: number): Uint8Array {
	const after = new Uint8Array(size);
	after.set(bytes.subarray(0, size));
	return after;
}

function stands(
	bytes: Uint8Array,
	least: number,
): { outcomes: readonly Outcome[]; mayBeMissing: boolean } {
	return { outcomes: [{ bytes, least }], mayBeMissing: false };
}
