import { createHash, type Hash } from "node:crypto";
import { FRAME_SIZE } from "../../assembly/format.ts";
import { hex } from "../../src/bytes.ts";
import { StorageError, type StorageErrorCode } from "../../src/errors.ts";
import { Frame, type FrameSource } from "../../src/packed/frames/frame.ts";
import type { PackedStore } from "../../src/packed/packed-store.ts";
import { fillFrame } from "./packed-frames.ts";

/** What holt's program answers for the same error; `far` is a slot that holt would read anything from. */
const WORDS: Partial<Record<StorageErrorCode, string>> = {
	ERR_FRAME_MISSING: "missing",
	ERR_BLOB_INSUFFICIENT_LENGTH: "short",
	ERR_LOCKED: "locked",
	ERR_OFFSET_OVERFLOW: "far",
};

/** Frames that are read together for one hash. */
const READ_TOGETHER = 8;

/** A packed store that does what lines say, until `close` or `drop`, and answers each with a line, as holt's program does. */
export class PackedSession {
	readonly #store: PackedStore;

	constructor(store: PackedStore) {
		this.#store = store;
	}

	async obey(line: string): Promise<string> {
		try {
			return await this.#obey(line.split(" "));
		} catch (error) {
			return wordFor(error);
		}
	}

	drop(): Promise<void> {
		return this.#store.drop();
	}

	async #obey([operation = "", ...words]: readonly string[]): Promise<string> {
		const store = this.#store;
		const [guid = "", offset = "", length = ""] = words;
		switch (operation) {
			case "needs_flush":
				return String(store.needsFlush);
			case "has":
				return String(store.has(guid));
			case "size":
				return String(store.size);
			case "list":
				return store.list().map(hex).join(" ");
			case "read":
				return this.#digest([guid]);
			case "read_range":
				return this.#readRange(guid, Number(offset), Number(length));
			case "digest":
				return this.#digest(words);
			default:
				await this.#change(operation, words);
				return "ok";
		}
	}

	async #change(operation: string, words: readonly string[]): Promise<void> {
		const store = this.#store;
		switch (operation) {
			case "write":
			case "write_many":
				return this.#write(words, false);
			case "write_synced":
				return this.#write(words, true);
			case "delete":
				await store.delete(words[0] ?? "");
				return;
			case "flush":
			case "close":
			case "drop":
				return store[operation]();
			default:
				throw new Error(`no operation is called ${operation}`);
		}
	}

	/** Every other frame is made in the pool. */
	async #write(words: readonly string[], sync: boolean): Promise<void> {
		const writes: [string, FrameSource][] = [];
		for (const word of words) {
			const [guid = "", fill = ""] = word.split(":");
			const isLeased = Number(fill) % 2 === 0;
			const source = isLeased
				? await this.#store.allocateFrame()
				: new Uint8Array(FRAME_SIZE);
			fillFrame(source instanceof Frame ? source.bytes : source, Number(fill));
			writes.push([guid, source]);
		}
		try {
			await this.#store.writeMany(writes, { sync });
		} finally {
			for (const [, source] of writes) {
				if (source instanceof Frame) {
					source.release();
				}
			}
		}
	}

	async #readRange(
		guid: string,
		offset: number,
		length: number,
	): Promise<string> {
		const target = new Uint8Array(length);
		await this.#store.readRange(guid, offset, target);
		return hashOf(target).digest("hex");
	}

	async #digest(guids: readonly string[]): Promise<string> {
		const hash = createHash("sha256");
		for (let from = 0; from < guids.length; from += READ_TOGETHER) {
			const together = guids.slice(from, from + READ_TOGETHER);
			const frames = together.map(() => new Uint8Array(FRAME_SIZE));
			await this.#store.readMany(together, frames);
			for (const frame of frames) {
				hash.update(frame);
			}
		}
		return hash.digest("hex");
	}
}

/** Throws what no script expects. */
export function wordFor(error: unknown): string {
	if (!(error instanceof StorageError)) {
		throw error;
	}
	const [, context] =
		/^node corrupt at (.*): manifest\.\w+ at \d+$/.exec(error.message) ?? [];
	const word = context === undefined ? WORDS[error.code] : `corrupt ${context}`;
	if (word === undefined) {
		throw error;
	}
	return word;
}

function hashOf(bytes: Uint8Array): Hash {
	return createHash("sha256").update(bytes);
}
