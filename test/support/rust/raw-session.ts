import type { Host } from "../../../src/host/host.ts";
import { Storage } from "../../../src/storage/storage.ts";
import { fromHex, toHex } from "../runs/bytes.ts";
import { MEMORY } from "../runs/suite.ts";

/** Raw blobs in one partition of a store that obeys lines. */
export class RawSession {
	static readonly PARTITION = "raw";
	readonly #storage: Storage;

	private constructor(storage: Storage) {
		this.#storage = storage;
	}

	static async open(host: Host, readOnly: boolean): Promise<RawSession> {
		const options = { memory: MEMORY, readOnly };
		return new RawSession(await Storage.open(host, options));
	}

	drop(): Promise<void> {
		return this.#storage.drop();
	}

	async obey(line: string): Promise<string> {
		const [operation = "", name = "", ...words] = line.split(" ");
		switch (operation) {
			case "write":
			case "read":
				return this.#withBlob(operation, name, words);
			case "names":
				return this.#names();
			case "recovery":
				return JSON.stringify({ store: this.#storage.recovery });
			case "close":
				await this.#storage.close();
				return "ok";
			default:
				throw new Error(`no operation is called ${operation}`);
		}
	}

	/** All names of the store, without its own files. */
	async #names(): Promise<string> {
		const { host } = this.#storage;
		const entries = (await host.list("")) ?? [];
		const names = entries.map(({ name }) => name ?? "");
		return names
			.filter((name) => !name.startsWith("dualslot."))
			.sort()
			.join(" ");
	}

	async #withBlob(
		operation: "write" | "read",
		name: string,
		[offset = "", bytes = ""]: readonly string[],
	): Promise<string> {
		const blob = await this.#storage.open(RawSession.PARTITION, name);
		try {
			if (operation === "read") {
				return toHex(await blob.read(0, blob.size));
			}
			await blob.write(Number(offset), fromHex(bytes));
			return "ok";
		} finally {
			await blob.close();
		}
	}
}
