import { lengthOf } from "../bytes.ts";
import { kindOf } from "../checks.ts";
import type { Awaitable } from "../turns/awaitable.ts";
import { andThen, DelegatingFile, DelegatingHost } from "./delegating.ts";
import type {
	Host,
	HostEntry,
	HostFile,
	HostOpenOptions,
	HostSyncOptions,
	HostWriteOptions,
	OpenMode,
} from "./host.ts";
import { SeededRandom } from "./random.ts";

/** How often calls fail: probabilities from 0, never, to 1, always. An omitted rate is 0. */
export interface FaultRates {
	/** Opening a file, and making or emptying one. */
	readonly open?: number;
	/** Reading from a file. */
	readonly read?: number;
	/** A write that fails has written nothing, unless it is torn. */
	readonly write?: number;
	/** Among failing writes of two bytes or more: those that leave a first part, durable. */
	readonly partialWrite?: number;
	/** Making a file durable. A sync that fails has synced nothing. */
	readonly sync?: number;
	/** Cutting or extending a file. One that fails has changed nothing, unless it is torn. */
	readonly resize?: number;
	/**
	 * Among failing resizes by two bytes or more: those that leave a size strictly between the old
	 * and the new, durable.
	 */
	readonly partialResize?: number;
	/** Removing a file or a directory. */
	readonly remove?: number;
	/** Listing a directory. */
	readonly scan?: number;
}

type Rates = Required<FaultRates>;

const NO_FAULTS: Rates = {
	open: 0,
	read: 0,
	write: 0,
	partialWrite: 0,
	sync: 0,
	resize: 0,
	partialResize: 0,
	remove: 0,
	scan: 0,
};
const SEED_MAX = 2 ** 32 - 1;

/**
 * A host whose calls fail like a disk's, to test the code above it (commonware's `faulty`). A
 * failing call throws, or rejects with, an Error whose `code` is 'EIO'. As in commonware, making a
 * directory, syncing it, renaming and locking have no rate: they are passed on.
 *
 * The same seed and the same calls give the same faults over every host, synchronous or not: faults
 * are drawn at the call, in the order of the calls. A rate of 0 or 1 draws nothing.
 */
export class FaultyHost extends DelegatingHost {
	/** The seed of the random faults. */
	readonly seed: number;
	readonly #faults: Faults;

	/**
	 * The seed is a whole number from 0 to 2^32 - 1, or a RangeError; the rates are refused as
	 * `rates` refuses them.
	 */
	constructor(host: Host, seed: number, rates: FaultRates = {}) {
		super(host);
		if (!(Number.isInteger(seed) && seed >= 0 && seed <= SEED_MAX)) {
			throw new RangeError(
				`a seed is a whole number from 0 to ${SEED_MAX}, not ${seed}`,
			);
		}
		this.seed = seed;
		this.#faults = new Faults(seed, checkedRates(rates));
	}

	get rates(): Rates {
		return this.#faults.rates;
	}

	/**
	 * Applies from the next call on, to open files too. An omitted rate is 0. Throws, and keeps the
	 * old rates: RangeError for a rate outside 0 to 1, TypeError for a value that is no number or an
	 * unknown name.
	 */
	set rates(rates: FaultRates) {
		this.#faults.rates = checkedRates(rates);
	}

	override open(
		path: string,
		mode: OpenMode,
		options?: HostOpenOptions,
	): Awaitable<HostFile | undefined> {
		this.#faults.strike("open");
		const faulty = (file: HostFile | undefined) =>
			file &&
			andThen(file.size(), (size) => new FaultyFile(file, size, this.#faults));
		return andThen(super.open(path, mode, options), faulty);
	}

	override list(directory: string): Awaitable<HostEntry[] | undefined> {
		this.#faults.strike("scan");
		return super.list(directory);
	}

	override remove(path: string): Awaitable<boolean> {
		this.#faults.strike("remove");
		return super.remove(path);
	}
}

class FaultyFile extends DelegatingFile {
	readonly #faults: Faults;
	/**
	 * The file's size after all calls so far: the size that a torn resize leaves is drawn before the
	 * host is called.
	 */
	#size: number;

	constructor(file: HostFile, size: number, faults: Faults) {
		super(file);
		this.#size = size;
		this.#faults = faults;
	}

	override read(
		targets: readonly Uint8Array[],
		offset: number,
	): Awaitable<number> {
		this.#faults.strike("read");
		return super.read(targets, offset);
	}

	/** A synced write whose sync fails has written all bytes; none is durable. */
	override write(
		parts: readonly Uint8Array[],
		offset: number,
		options?: HostWriteOptions,
	): Awaitable<void> {
		const length = lengthOf(parts);
		if (!this.#faults.hit("write")) {
			this.#grow(offset, length);
			return options?.synced && this.#faults.hit("sync")
				? andThen(super.write(parts, offset), failing)
				: super.write(parts, offset, options);
		}
		const torn = this.#torn("partialWrite", 0, length);
		this.#grow(offset, torn);
		return this.#fail(super.write(firstBytes(parts, torn), offset));
	}

	override truncate(size: number): Awaitable<void> {
		if (!this.#faults.hit("resize")) {
			this.#size = size;
			return super.truncate(size);
		}
		this.#size = this.#torn("partialResize", this.#size, size);
		return this.#fail(super.truncate(this.#size));
	}

	/** Counts as a resize; never torn. */
	override allocate(size: number): Awaitable<boolean> {
		this.#faults.strike("resize");
		this.#size = Math.max(this.#size, size);
		return super.allocate(size);
	}

	override sync(options?: HostSyncOptions): Awaitable<void> {
		this.#faults.strike("sync");
		return super.sync(options);
	}

	/**
	 * The size at which a failing change from one size to another stops. Throws when it changes
	 * nothing.
	 */
	#torn(
		rate: "partialWrite" | "partialResize",
		from: number,
		to: number,
	): number {
		const torn = this.#faults.hit(rate)
			? this.#faults.between(from, to, this.traits.alignment)
			: undefined;
		if (torn === undefined) {
			throw fault();
		}
		return torn;
	}

	/** Makes a torn call's bytes durable, then fails. */
	#fail(torn: Awaitable<void>): Awaitable<void> {
		const synced = andThen(torn, () => super.sync());
		return andThen(synced, failing);
	}

	/** Writing nothing extends no file. */
	#grow(offset: number, length: number): void {
		if (length > 0) {
			this.#size = Math.max(this.#size, offset + length);
		}
	}
}

/** The rates of a host and its files, and their one random generator. */
class Faults {
	rates: Rates;
	readonly #random: SeededRandom;

	constructor(seed: number, rates: Rates) {
		this.rates = rates;
		this.#random = new SeededRandom(seed);
	}

	hit(name: keyof Rates): boolean {
		const rate = this.rates[name];
		return rate >= 1 || (rate > 0 && this.#random.chance(rate));
	}

	strike(name: keyof Rates): void {
		if (this.hit(name)) {
			throw fault();
		}
	}

	/** A multiple of `unit` strictly between two numbers, or undefined where there is none. */
	between(one: number, other: number, unit: number): number | undefined {
		const low = Math.floor(Math.min(one, other) / unit) + 1;
		const high = Math.ceil(Math.max(one, other) / unit);
		return low < high ? this.#random.integer(low, high) * unit : undefined;
	}
}

function checkedRates(rates: FaultRates): Rates {
	const checked = { ...NO_FAULTS };
	for (const [name, rate = 0] of Object.entries(rates)) {
		if (!isRate(name)) {
			throw new TypeError(`there is no rate of faults called ${name}`);
		}
		if (typeof rate !== "number") {
			throw new TypeError(`${name} is a number, not ${kindOf(rate)}`);
		}
		if (!(rate >= 0 && rate <= 1)) {
			throw new RangeError(`${name} is a probability from 0 to 1, not ${rate}`);
		}
		checked[name] = rate;
	}
	return Object.freeze(checked);
}

function isRate(name: string): name is keyof Rates {
	return Object.hasOwn(NO_FAULTS, name);
}

function firstBytes(parts: readonly Uint8Array[], count: number): Uint8Array[] {
	let left = count;
	return parts.map((part) => {
		const taken = part.subarray(0, left);
		left -= taken.length;
		return taken;
	});
}

function failing(): never {
	throw fault();
}

/** Looks like a disk's error: the code above sees no other kind of failure. */
function fault(): Error {
	return Object.assign(new Error("injected storage fault"), { code: "EIO" });
}
