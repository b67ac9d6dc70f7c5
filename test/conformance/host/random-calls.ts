import { assert } from "chai";
import type {
	Host,
	HostFile,
	HostLock,
	OpenMode,
} from "../../../src/host/host.ts";
import {
	type FileMode,
	openAs,
	readRaw,
} from "../../support/hosts/raw-file.ts";
import { failureOf } from "../../support/runs/failure.ts";
import { type Random, seeded } from "../../support/runs/prng.ts";
import { sharedRounds } from "../../support/runs/share.ts";
import type { StoreTest } from "./text-files.ts";

/** In a browser 100,000 take ten minutes. */
const SEQUENCES = 100_000;
const STEPS = 12;
/**
 * So many sequences have one holder of the store in common, who may keep its ring. Then all files
 * are read whole.
 */
const HELD = 8;
/** In milliseconds, for all of them. */
const TIMEOUT = 3_600_000;
const PATHS = ["one", "two", "three"];
const MODES: readonly OpenMode[] = ["read", "write", "create", "replace"];
/** Files that are open at once, and closed ones that still get calls, in later sequences too. */
const OPEN_MOST = 4;
const CLOSED_MOST = 8;
/** One in so many size requests comes with a sync. */
const SYNCED = 8;
/** The unit of direct I/O. */
const BLOCK = 4096;
const BLOCKS = 4;

export function randomCallRows(test: StoreTest): void {
	test(
		"random calls, late ones and double closes among them, reach the file that they are of and no other",
		(host) => seeded((random) => new RandomCalls(host, random).run())(),
		TIMEOUT,
	);
}

/** A file as it was opened. */
interface Handle {
	readonly path: string;
	readonly file: HostFile;
	readonly isWritable: boolean;
}

/** Files whose blocks each hold one repeated value, and the known values. */
class RandomCalls {
	readonly #host: Host;
	readonly #random: Random;
	readonly #modes: readonly FileMode[];
	/** The value of each block, by path. */
	readonly #values = new Map<string, number[]>();
	readonly #open: Handle[] = [];
	readonly #closed: Handle[] = [];
	/** Aligned memory for blocks of direct I/O. */
	readonly #memory = new WebAssembly.Memory({ initial: 1 }).buffer;

	constructor(host: Host, random: Random) {
		this.#host = host;
		this.#random = random;
		this.#modes = host.capabilities.directIO ? [...MODES, "direct"] : MODES;
	}

	async run(): Promise<void> {
		let lock: HostLock | undefined;
		for (const round of sharedRounds(
			SEQUENCES,
			"sequences of a host's calls",
		)) {
			if (round % HELD === 0) {
				await lock?.release();
				await this.#check();
			} else if (round % HELD === 1) {
				lock = await this.#host.lock();
			}
			for (let step = 0; step < STEPS; step += 1) {
				await this.#step();
			}
			while (this.#open.length > 0) {
				await this.#close();
			}
		}
		await lock?.release();
		await this.#check();
	}

	#step(): Promise<void> {
		const kind = this.#random.integer(0, 10);
		if (this.#open.length === 0 || (kind < 2 && this.#hasRoom)) {
			return this.#openOne();
		}
		if (kind < 4) {
			return this.#close();
		}
		return kind < 7 && this.#closed.length > 0
			? this.#callLate(this.#random.pick(this.#closed).file)
			: this.#call(this.#random.pick(this.#open));
	}

	get #hasRoom(): boolean {
		return this.#open.length < OPEN_MOST;
	}

	async #openOne(): Promise<void> {
		const path = this.#random.pick(PATHS);
		const mode = this.#modeFor(path);
		const file = await openAs(this.#host, path, mode);
		const isThere = this.#values.has(path);
		const isMade = mode !== "read" && mode !== "write";
		assert.equal(file !== undefined, isThere || isMade, `${mode} of ${path}`);
		if (!isThere || mode === "replace") {
			this.#values.set(path, []);
		}
		if (file === undefined) {
			this.#values.delete(path);
		} else {
			this.#open.push({ path, file, isWritable: mode !== "read" });
		}
	}

	/** An open file is not replaced: the host decides which bytes its holders then have. */
	#modeFor(path: string): FileMode {
		const mode = this.#random.pick(this.#modes);
		const isOpen = this.#open.some((handle) => handle.path === path);
		return mode === "replace" && isOpen ? "create" : mode;
	}

	/** One in three closes comes during a call, and one in three with a second close. */
	async #close(): Promise<void> {
		const [handle] = this.#open.splice(
			this.#random.integer(0, this.#open.length),
			1,
		);
		if (handle === undefined) {
			return;
		}
		const { file } = handle;
		const underWay =
			this.#random.integer(0, 3) === 0 ? this.#call(handle) : undefined;
		const closed = file.close();
		if (this.#random.integer(0, 3) === 0) {
			await Promise.all([file.close(), this.#callLate(file)]);
		}
		await Promise.all([underWay, closed]);
		this.#closed.push(handle);
		this.#closed.splice(0, this.#closed.length - CLOSED_MOST);
	}

	async #callLate(file: HostFile): Promise<void> {
		const blocks = [this.#block(2, this.#random.integer(1, 256))];
		const calls = [
			() => file.size(),
			() => file.read([this.#block(2, 0)], 0),
			() => file.write(blocks, this.#offset),
			() => file.write(blocks, 0, { synced: true }),
			() => file.read([...blocks, ...blocks], 0),
			() => file.truncate(this.#offset),
			() => file.allocate(this.#offset),
			() => file.sync(),
		];
		if (this.#random.integer(0, 4) === 0) {
			await file.close();
		} else {
			const error = await failureOf(this.#random.pick(calls));
			assert.propertyVal(error, "code", "EBADF", String(error));
		}
	}

	#call(handle: Handle): Promise<void> {
		switch (this.#random.integer(0, 6)) {
			case 0:
				return this.#read(handle);
			case 1:
				return this.#resize(handle, "truncate");
			case 2:
				return this.#resize(handle, "allocate");
			case 3:
				return this.#askSize(handle);
			default:
				return this.#write(handle);
		}
	}

	async #write({ path, file, isWritable }: Handle): Promise<void> {
		const at = this.#random.integer(0, BLOCKS);
		const value = this.#random.integer(1, 256);
		const parts = [this.#block(0, value), this.#block(1, value)];
		const write = async () => file.write(parts, at * BLOCK);
		if (!isWritable) {
			await failureOf(write);
			return;
		}
		const values = this.#valuesOf(path);
		while (values.length < at) {
			values.push(0);
		}
		values.splice(at, parts.length, value, value);
		await write();
	}

	async #read({ path, file }: Handle): Promise<void> {
		const at = this.#random.integer(0, BLOCKS);
		const [value] = this.#valuesOf(path).slice(at);
		const target = this.#block(3, 0);
		const count = await file.read([target], at * BLOCK);
		assert.equal(count, value === undefined ? 0 : BLOCK);
		assert.isTrue(isFilled(target, value ?? 0));
	}

	async #resize(
		{ path, file, isWritable }: Handle,
		call: "truncate" | "allocate",
	): Promise<void> {
		const count = this.#random.integer(1, BLOCKS + 1);
		const resize = async () => file[call](count * BLOCK);
		if (!isWritable) {
			// It may have its new length.
			await Promise.allSettled([resize()]);
			return;
		}
		const values = this.#valuesOf(path);
		while (values.length < count) {
			values.push(0);
		}
		values.splice(call === "truncate" ? count : values.length);
		await resize();
	}

	async #askSize({ path, file }: Handle): Promise<void> {
		const expected = this.#valuesOf(path).length * BLOCK;
		// On a disk a sync takes longer than the rest.
		const synced =
			this.#random.integer(0, SYNCED) === 0 ? file.sync() : undefined;
		const [size] = await Promise.all([file.size(), synced]);
		assert.equal(size, expected);
	}

	async #check(): Promise<void> {
		for (const [path, values] of this.#values) {
			const bytes = await readRaw(this.#host, path);
			assert.equal(bytes.length, values.length * BLOCK, path);
			for (const [index, value] of values.entries()) {
				const block = bytes.subarray(index * BLOCK, (index + 1) * BLOCK);
				assert.isTrue(isFilled(block, value), `block ${index} of ${path}`);
			}
		}
	}

	#valuesOf(path: string): number[] {
		const values = this.#values.get(path);
		assert.isDefined(values);
		return values;
	}

	get #offset(): number {
		return this.#random.integer(0, BLOCKS) * BLOCK;
	}

	#block(index: number, value: number): Uint8Array<ArrayBuffer> {
		return new Uint8Array(this.#memory, index * BLOCK, BLOCK).fill(value);
	}
}

function isFilled(bytes: Uint8Array, value: number): boolean {
	for (const byte of bytes) {
		if (byte !== value) {
			return false;
		}
	}
	return true;
}
