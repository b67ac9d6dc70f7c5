import { VALUE_CRC_SIZE, VALUE_SIZE_SIZE } from "../../../assembly/format.ts";
import { isStorageError } from "../../errors.ts";
import { SEQUENTIAL_READ_BYTES } from "../../host/read-sizes.ts";
import type { StoreContext } from "../../storage/context.ts";
import type { StorageBlob } from "../../storage/storage-blob.ts";
import type { AppendBuffer } from "./append-buffer.ts";
import type { ValuePlace } from "./value.ts";

/** Values that lie one behind the other. */
export interface ValueRun {
	/** The first value's. */
	readonly offset: number;
	/** The bytes of each value and its checksum's. */
	readonly sizes: Uint32Array;
}

/** Most bytes, and most values, of a run that is read at once. */
export interface RunLimits {
	readonly bytes: number;
	readonly values: number;
}

/** What a store's memory has room for, and at most `bytes`. */
export function runLimits(
	{ memory }: StoreContext,
	bytes = SEQUENTIAL_READ_BYTES,
): RunLimits {
	return {
		bytes: Math.min(bytes, memory.reads.size),
		values: Math.floor(memory.scratch.size / VALUE_SIZE_SIZE),
	};
}

/** The places as runs, in their order. A place that is too large is a run for itself. */
export function* runsOf(
	places: readonly ValuePlace[],
	limits: RunLimits,
): Generator<readonly ValuePlace[], void, undefined> {
	let run: ValuePlace[] = [];
	let [end, bytes] = [-1, 0];
	for (const place of places) {
		const isNext = place.offset === end && run.length < limits.values;
		if (!isNext || bytes + place.size > limits.bytes) {
			if (run.length > 0) {
				yield run;
			}
			run = [];
			bytes = 0;
		}
		run.push(place);
		bytes += place.size;
		end = place.offset + place.size;
	}
	if (run.length > 0) {
		yield run;
	}
}

/**
 * Reads runs of values: each with one read of the host, one check and one copy. The values of a run
 * are parts of one block.
 *
 *    run    | value | crc | value | crc | … |
 *    block  | value | crc | value | crc | … |   whole values only, in memory of JavaScript's
 */
export class ValueRunReader {
	readonly #storage: StoreContext;
	readonly #blob: StorageBlob;
	readonly #buffer: AppendBuffer;

	constructor(storage: StoreContext, blob: StorageBlob, buffer: AppendBuffer) {
		this.#storage = storage;
		this.#blob = blob;
		this.#buffer = buffer;
	}

	/**
	 * The values of a run, up to one that is not whole, or cannot be read with the others. To read
	 * that one alone tells what is wrong, if anything is.
	 */
	async read({ offset, sizes }: ValueRun): Promise<Uint8Array[]> {
		const { start, end } = this.#buffer;
		if (offset >= start) {
			const held = within(sizes, end - offset);
			return sumOf(held) === 0
				? []
				: this.#whole(this.#buffer.addressOf(offset), held);
		}
		const whole = (address: number, onDisk: Uint32Array) =>
			this.#whole(address, onDisk);
		return (await this.#onDisk({ offset, sizes }, whole)) ?? [];
	}

	/** As `read`, of a run on disk: how many values, and nothing of them. */
	async countWhole(run: ValueRun): Promise<number> {
		const count = (address: number, onDisk: Uint32Array) =>
			this.#countWhole(address, onDisk);
		return (await this.#onDisk(run, count)) ?? 0;
	}

	/**
	 * Runs a step on the values of a run that are on disk, read to an address of linear memory;
	 * undefined where there are none, or they cannot be read together.
	 */
	async #onDisk<T>(
		{ offset, sizes }: ValueRun,
		step: (address: number, onDisk: Uint32Array) => T,
	): Promise<T | undefined> {
		const onDisk = within(sizes, this.#buffer.start - offset);
		const length = sumOf(onDisk);
		if (length === 0) {
			return undefined;
		}
		try {
			return await this.#readTo(offset, length, (address) =>
				step(address, onDisk),
			);
		} catch (error) {
			if (!isStorageError(error)) {
				throw error;
			}
			return undefined;
		}
	}

	async #readTo<T>(
		offset: number,
		length: number,
		step: (address: number) => T,
	): Promise<T> {
		const { core, memory } = this.#storage;
		const address =
			memory.reads.tryTake(length) ?? (await memory.reads.take(length));
		try {
			await this.#blob.readInto(offset, core.bytes(address, length));
			return step(address);
		} finally {
			memory.reads.giveBack(address);
		}
	}

	#countWhole(address: number, sizes: Uint32Array): number {
		const { core, memory } = this.#storage;
		return memory.scratch.use(sizes.length * VALUE_SIZE_SIZE, (table) =>
			core.records.countWholeValues(address, sumOf(sizes), sizes, table),
		);
	}

	/** Copies the whole values at an address of linear memory into one block. */
	#whole(address: number, sizes: Uint32Array): Uint8Array[] {
		const { core } = this.#storage;
		const count = this.#countWhole(address, sizes);
		const whole = sizes.subarray(0, count);
		const block = core.bytes(address, sumOf(whole)).slice();
		const values: Uint8Array[] = [];
		let at = 0;
		for (const size of whole) {
			values.push(block.subarray(at, at + size - VALUE_CRC_SIZE));
			at += size;
		}
		return values;
	}
}

/** As many sizes from the first on as come to `most` bytes. */
function within(sizes: Uint32Array, most: number): Uint32Array {
	let left = most;
	const behind = sizes.findIndex((size) => {
		left -= size;
		return left < 0;
	});
	return behind < 0 ? sizes : sizes.subarray(0, behind);
}

function sumOf(sizes: Uint32Array): number {
	return sizes.reduce((sum, size) => sum + size, 0);
}
