import { StorageError, type StorageErrorCode } from "../../../src/errors.ts";
import type { Host } from "../../../src/host/host.ts";
import type { StorageOptions } from "../../../src/storage/options.ts";
import { Storage } from "../../../src/storage/storage.ts";
import type { ScriptShape } from "./script-shape.ts";
import { openScripted, type ScriptedJournal } from "./scripted-journal.ts";

/** The answers of test/interop's programs for the same errors. */
const WORDS: Partial<Record<StorageErrorCode, string>> = {
	ERR_SECTION_PRUNED: "pruned",
	ERR_SECTION_OUT_OF_RANGE: "no-section",
	ERR_ITEM_OUT_OF_RANGE: "no-item",
	ERR_BLOB_INSUFFICIENT_LENGTH: "too-short",
	ERR_INVALID_CHECKSUM: "checksum",
};

/**
 * A journal that obeys lines, from the opening of its store to `close`, and answers each with a
 * line.
 */
export class ScriptSession {
	readonly #storage: Storage;
	readonly #journal: ScriptedJournal;

	private constructor(storage: Storage, journal: ScriptedJournal) {
		this.#storage = storage;
		this.#journal = journal;
	}

	static async open(
		host: Host,
		shape: ScriptShape,
		options: StorageOptions = {},
	): Promise<ScriptSession> {
		const storage = await Storage.open(host, options);
		try {
			return new ScriptSession(storage, await openScripted(storage, shape));
		} catch (error) {
			await storage.drop();
			throw error;
		}
	}

	async obey(line: string): Promise<string> {
		try {
			return await this.#obey(line.split(" "));
		} catch (error) {
			const word = error instanceof StorageError && WORDS[error.code];
			if (typeof word === "string") {
				return word;
			}
			throw error;
		}
	}

	drop(): Promise<void> {
		return this.#storage.drop();
	}

	async #obey([operation = "", ...words]: readonly string[]): Promise<string> {
		const journal = this.#journal;
		const [first = "", second = ""] = words;
		switch (operation) {
			case "append":
				return journal.append(BigInt(first), words.slice(1));
			case "sync":
				await journal.sync(BigInt(first));
				return "ok";
			case "sync_all":
				await journal.syncAll();
				return "ok";
			case "prune":
				return String(await journal.prune(BigInt(first)));
			case "rewind":
				await journal.rewind(BigInt(first), Number(second));
				return "ok";
			case "rewind_section":
				await journal.rewindSection(BigInt(first), Number(second));
				return "ok";
			case "size":
				return String(await journal.size(BigInt(first)));
			case "digest":
				return (await journal.digest(words)).answer();
			case "recovery":
				return this.#recovery();
			case "close":
				await journal.syncAll();
				await this.#storage.close();
				return "ok";
			default:
				throw new Error(`no operation is called ${operation}`);
		}
	}

	#recovery(): string {
		const report = {
			store: this.#storage.recovery,
			journal: this.#journal.recovery(),
		};
		return JSON.stringify(report, (_, value) =>
			typeof value === "bigint" ? String(value) : value,
		);
	}
}
