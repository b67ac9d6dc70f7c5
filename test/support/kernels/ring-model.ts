import { assert } from "chai";
import type { RingFile } from "../../../hosts/node/io-uring/ring-file.ts";
import { lengthOf } from "../../../src/bytes.ts";
import type { Random } from "../runs/prng.ts";

// The bytes that a file and memory must hold, while reads, writes and syncs are under way at any
// depth. Operations whose outcome depends on their order are never under way together: a cell has
// one writer, or readers.

const CELL = 24;
const CELLS = 16_384;
const CELLS_MOST = 8;
const BUFFER = CELL * CELLS_MOST;
const BUFFERS = 1200;
const POISON = 0xee;
/** More than a ring's entries. */
const DEPTH_MOST = 300;
/** In turns of any order. */
const DEPTHS = [1, 2, 8, 64, DEPTH_MOST];
const OPERATIONS_OF_A_DEPTH = 1000;

export interface Outcome {
	operations: number;
	failed: number;
	deepest: number;
}

export class RingModel {
	readonly outcome: Outcome = { operations: 0, failed: 0, deepest: 0 };
	readonly #file: RingFile;
	readonly #random: Random;
	readonly #holds = new Uint8Array(CELL * CELLS);
	/** Bytes that a failed write may have changed. */
	readonly #unsure = new Uint8Array(CELL * CELLS);
	/** Readers of each cell, or -1 for a writer. */
	readonly #users = new Int16Array(CELLS);
	readonly #pinned = new Uint8Array((BUFFERS / 2) * BUFFER);
	/** Unused buffers: poisoned. */
	readonly #idle: Uint8Array[];

	/** Every second buffer lies in pinned memory. */
	constructor(file: RingFile, random: Random) {
		this.#file = file;
		this.#random = random;
		this.#idle = Array.from({ length: BUFFERS / 2 }, (_, index) => [
			this.#pinned.subarray(index * BUFFER, (index + 1) * BUFFER),
			new Uint8Array(BUFFER),
		]).flat();
		for (const buffer of this.#idle) {
			buffer.fill(POISON);
		}
	}

	async run(operations: number): Promise<void> {
		await this.#file.pin([this.#pinned]);
		await this.#file.write([this.#holds], 0);
		let depths: number[] = [];
		while (this.outcome.operations < operations) {
			depths = depths.length > 0 ? depths : this.#random.shuffle(DEPTHS);
			const depth = depths.pop() ?? DEPTH_MOST;
			const end = this.outcome.operations + OPERATIONS_OF_A_DEPTH;
			const worker = async () => {
				while (this.outcome.operations < end) {
					this.outcome.operations += 1;
					await this.#begin();
				}
			};
			await Promise.all(Array.from({ length: depth }, worker));
			this.outcome.deepest = Math.max(this.outcome.deepest, depth);
		}
		await this.#checkAll();
	}

	#begin(): Promise<void> {
		const kind = this.#random.integer(0, 100);
		if (kind < 2) {
			return this.#sync();
		}
		const count = this.#random.integer(1, CELLS_MOST + 1);
		const cell = this.#random.integer(0, CELLS - count + 1);
		const users = this.#users.subarray(cell, cell + count);
		return kind < 50
			? this.#read(cell * CELL, users)
			: this.#write(cell * CELL, users, kind < 55);
	}

	async #sync(): Promise<void> {
		await this.#outcomeOf(() => this.#file.sync());
	}

	async #read(offset: number, users: Int16Array): Promise<void> {
		if (users.includes(-1)) {
			return;
		}
		users.forEach((_, index) => {
			users[index] = (users[index] ?? 0) + 1;
		});
		const targets = this.#pieces(users.length * CELL);
		await this.#outcomeOf(async () => {
			const count = await this.#file.read(targets, offset);
			assert.equal(count, users.length * CELL);
			let at = offset;
			for (const target of targets) {
				this.#check(target, at);
				at += target.length;
			}
		});
		targets.forEach(this.#giveBack, this);
		users.forEach((_, index) => {
			users[index] = (users[index] ?? 0) - 1;
		});
	}

	async #write(
		offset: number,
		users: Int16Array,
		isSynced: boolean,
	): Promise<void> {
		if (users.some((count) => count !== 0)) {
			return;
		}
		users.fill(-1);
		const parts = this.#partsOf(users.length * CELL);
		const bytes = new Uint8Array(lengthOf(parts));
		let at = 0;
		for (const part of parts) {
			bytes.set(part, at);
			at += part.length;
		}
		const isWritten = await this.#outcomeOf(() =>
			this.#file.write(parts, offset, { synced: isSynced }),
		);
		this.#holds.set(bytes, offset);
		this.#unsure.fill(isWritten ? 0 : 1, offset, offset + bytes.length);
		parts.forEach(this.#giveBack, this);
		users.fill(0);
	}

	/** So many bytes, of a value that was not there before. */
	#partsOf(length: number): Uint8Array[] {
		const value = this.#random.word();
		const parts = this.#pieces(length);
		let left = length;
		for (const part of parts) {
			for (let index = 0; index < part.length; index += 1) {
				part[index] = (value >>> (index % 3)) + index + left;
			}
			left -= part.length;
		}
		return parts;
	}

	/** One to three, each of another buffer. */
	#pieces(length: number): Uint8Array[] {
		const pieces: Uint8Array[] = [];
		for (let left = length; left > 0; ) {
			const size =
				pieces.length === 2 ? left : this.#random.integer(1, left + 1);
			pieces.push(this.#lease().subarray(0, size));
			left -= size;
		}
		return pieces;
	}

	/** Whether it succeeded. Only an injected failure may fail it. */
	async #outcomeOf(operation: () => Promise<void>): Promise<boolean> {
		try {
			await operation();
			return true;
		} catch (error) {
			const code = error instanceof Error && "code" in error && error.code;
			if (code !== "EIO" && code !== "EBADF") {
				throw error;
			}
			this.outcome.failed += 1;
			return false;
		}
	}

	#lease(): Uint8Array {
		const place = this.#random.integer(0, this.#idle.length);
		const [buffer] = this.#idle.splice(place, 1);
		if (buffer === undefined) {
			throw new Error("every buffer is out");
		}
		for (const byte of buffer) {
			if (byte !== POISON) {
				throw new Error("memory that nobody was using was written to");
			}
		}
		return buffer;
	}

	/** An operation still under way would now write poison, or be overwritten by it. */
	#giveBack(part: Uint8Array): void {
		const { buffer, byteOffset } = part;
		const whole = new Uint8Array(buffer, byteOffset, BUFFER);
		whole.fill(POISON);
		this.#idle.push(whole);
	}

	#check(found: Uint8Array, offset: number): void {
		const wrong = found.findIndex(
			(byte, index) =>
				byte !== this.#holds[offset + index] &&
				this.#unsure[offset + index] === 0,
		);
		assert.equal(wrong, -1, `wrong byte, ${wrong} after ${offset}`);
	}

	async #checkAll(): Promise<void> {
		const found = new Uint8Array(CELL * CELLS);
		while (!(await this.#outcomeOf(() => this.#readAll(found)))) {
			// An injected failure; the next one may succeed.
		}
		this.#check(found, 0);
	}

	async #readAll(target: Uint8Array): Promise<void> {
		assert.equal(await this.#file.read([target], 0), target.length);
	}
}
