import { assert } from "chai";
import type { Host } from "../../../src/host/host.ts";
import type { PackedStoreOptions } from "../../../src/packed/options.ts";
import { PackedStore } from "../../../src/packed/packed-store.ts";
import { InterceptedHost } from "../hosts/intercepted-host.ts";
import { readRaw, withFile } from "../hosts/raw-file.ts";
import { assertSame } from "../runs/bytes.ts";
import { hostTest, type Suite } from "../runs/suite.ts";
import {
	FRAME_SIZE,
	FRAMES_PATH,
	guidOf,
	LOG_PATH,
	mappingsOf,
	parseLog,
} from "./packed-files.ts";

export type PackedTest = (
	name: string,
	body: (session: PackedSession) => Promise<void>,
	options?: PackedStoreOptions,
) => void;

/**
 * Few frames, so that leasing too many shows. Direct I/O where the directory has it, which may be
 * in memory.
 */
export const SMALL: PackedStoreOptions = {
	frames: 2,
	wait: false,
	directIO: "preferred",
};

/** Registers one test over a packed store of its own. */
export function packedTest(suite: Suite): PackedTest {
	const test = hostTest(suite);
	return (name, body, options) =>
		test(name, async (host) => {
			const session = await PackedSession.open(host, options);
			try {
				await body(session);
			} finally {
				session.host.hooks = {};
				await session.store.drop();
			}
		});
}

const BLOCK = 4096;

/** A frame whose blocks each hold its value and their place. */
export function frameOf(value: number): Uint8Array<ArrayBuffer> {
	const frame = new Uint8Array(FRAME_SIZE).fill(value);
	for (let block = 0; block < FRAME_SIZE / BLOCK; block += 1) {
		frame[block * BLOCK] = block;
	}
	return frame;
}

/** The value of a frame; fails where any byte is another's. */
export function frameValue(frame: Uint8Array): number {
	const value = frame[1] ?? 0;
	assertSame(frame, frameOf(value));
	return value;
}

/** The value of a GUID's frame; undefined where it has none. */
export async function valueIn(
	store: PackedStore,
	guid: number,
): Promise<number | undefined> {
	if (!store.has(guidOf(guid))) {
		return undefined;
	}
	const frame = new Uint8Array(FRAME_SIZE);
	await store.read(guidOf(guid), frame);
	return frameValue(frame);
}

/** Ends the stores that a test body opened like a crash. */
export async function withPacked<T>(
	host: Host,
	options: PackedStoreOptions,
	body: (store: PackedStore) => Promise<T>,
): Promise<T> {
	const store = await PackedStore.open(host, { ...SMALL, ...options });
	try {
		return await body(store);
	} finally {
		await store.drop();
	}
}

/** A store and its sessions, where numbers name GUIDs and frames. */
export class PackedSession {
	readonly host: InterceptedHost;
	readonly #options: PackedStoreOptions;
	#store: PackedStore;

	private constructor(
		host: InterceptedHost,
		store: PackedStore,
		options: PackedStoreOptions,
	) {
		this.host = host;
		this.#store = store;
		this.#options = options;
	}

	static async open(
		host: Host,
		given: PackedStoreOptions = {},
	): Promise<PackedSession> {
		const intercepted = new InterceptedHost(host);
		const options = { ...SMALL, ...given };
		const store = await PackedStore.open(intercepted, options);
		return new PackedSession(intercepted, store, options);
	}

	get store(): PackedStore {
		return this.#store;
	}

	/** Ends the session like a crash of the process, and begins the next. */
	async reopen(): Promise<void> {
		this.host.hooks = {};
		await this.#store.drop();
		this.#store = await PackedStore.open(this.host, this.#options);
	}

	async write(guid: number, frame: number): Promise<void> {
		await this.#store.write(guidOf(guid), frameOf(frame));
	}

	async writeMany(
		...writes: readonly (readonly [guid: number, frame: number])[]
	): Promise<void> {
		await this.#store.writeMany(
			writes.map(([guid, frame]) => [guidOf(guid), frameOf(frame)] as const),
		);
	}

	async delete(guid: number): Promise<boolean> {
		return this.#store.delete(guidOf(guid));
	}

	async read(guid: number): Promise<number> {
		const frame = new Uint8Array(FRAME_SIZE);
		await this.#store.read(guidOf(guid), frame);
		return frameValue(frame);
	}

	/** Each GUID that has a frame, and the frame's value. */
	async contents(): Promise<[guid: number, frame: number][]> {
		const contents: [number, number][] = [];
		for (const [guid = 0] of this.#store.list()) {
			contents.push([guid, await this.read(guid)]);
		}
		return contents;
	}

	/** Fails unless it holds exactly these frames, now and after a crash of the process. */
	async assertDurable(
		...expected: readonly (readonly [guid: number, frame: number])[]
	): Promise<void> {
		await this.reopen();
		assert.deepEqual(await this.contents(), expected);
	}

	/** The log's records, as text. */
	async log(): Promise<string[]> {
		return parseLog(await readRaw(this.host, LOG_PATH));
	}

	async logSize(): Promise<number> {
		return (await readRaw(this.host, LOG_PATH)).length;
	}

	/** The flushed mappings, as text. */
	mappings(): Promise<string[]> {
		return mappingsOf(this.host);
	}

	/** The first value of the frame in a slot, flushed or not. */
	async valueIn(slot: number): Promise<number | undefined> {
		return withFile(this.host, FRAMES_PATH, "read", async (file) => {
			const bytes = new Uint8Array(2);
			const count = await file.read([bytes], slot * FRAME_SIZE);
			return count < 2 ? undefined : bytes[1];
		});
	}
}
