import type { Host } from "../../../src/host/host.ts";
import { PackedStore } from "../../../src/packed/packed-store.ts";
import { fromHex, toHex } from "../runs/bytes.ts";
import { FRAME_SIZE, guidOf } from "../stores/packed-files.ts";
import { SMALL } from "../stores/packed-store.ts";

/** A packed store that obeys lines. A frame is named by its first bytes; zeros follow. */
export class PackedScript {
	readonly #store: PackedStore;

	private constructor(store: PackedStore) {
		this.#store = store;
	}

	static async open(host: Host): Promise<PackedScript> {
		return new PackedScript(await PackedStore.open(host, SMALL));
	}

	drop(): Promise<void> {
		return this.#store.drop();
	}

	async obey(line: string): Promise<string> {
		const [operation = "", guid = "", bytes = ""] = line.split(" ");
		switch (operation) {
			case "write":
				await this.#store.write(guidOf(Number(guid)), frameOf(bytes));
				return "ok";
			case "delete":
				return String(await this.#store.delete(guidOf(Number(guid))));
			case "flush":
				await this.#store.flush();
				return "ok";
			case "frames":
				return this.#frames();
			case "recovery":
				return JSON.stringify(this.#store.recovery);
			case "close":
				await this.#store.close();
				return "ok";
			default:
				throw new Error(`no operation is called ${operation}`);
		}
	}

	async #frames(): Promise<string> {
		const frames: string[] = [];
		const frame = new Uint8Array(FRAME_SIZE);
		for (const guid of this.#store.list()) {
			await this.#store.read(guid, frame);
			frames.push(`${guid[0]}:${toHex(withoutZeros(frame))}`);
		}
		return frames.join(" ");
	}
}

function frameOf(bytes: string): Uint8Array<ArrayBuffer> {
	const frame = new Uint8Array(FRAME_SIZE);
	frame.set(fromHex(bytes));
	return frame;
}

function withoutZeros(frame: Uint8Array): Uint8Array {
	let end = frame.length;
	while (end > 0 && frame[end - 1] === 0) {
		end -= 1;
	}
	return frame.subarray(0, end);
}
