import { entryAt, partOf } from "../entries.mjs";
import { ENTRY } from "../sizes.mjs";

/** Bytes that a bulk load writes, and a replay reads, in one call. */
const BLOCK = 64 * 1024;

export async function load() {
	return () => BareStore.open();
}

/** One file, and no promise of any kind but that of its flush. */
class BareStore {
	#access;
	#block = new Uint8Array(BLOCK);
	#held = 0;
	#size = 0;

	constructor(access) {
		this.#access = access;
	}

	static async open() {
		const root = await navigator.storage.getDirectory();
		const file = await root.getFileHandle("bench", { create: true });
		return new BareStore(await file.createSyncAccessHandle());
	}

	append(index) {
		this.#access.write(entryAt(index), { at: this.#size });
		this.#access.flush();
		this.#size += ENTRY;
	}

	begin() {}

	put(_, bytes) {
		this.#block.set(bytes, this.#held);
		this.#held += ENTRY;
		if (this.#held === BLOCK) {
			this.#writeHeld();
		}
	}

	commit() {
		this.#writeHeld();
		this.#access.flush();
	}

	#writeHeld() {
		const bytes = this.#block.subarray(0, this.#held);
		this.#access.write(bytes, { at: this.#size });
		this.#size += this.#held;
		this.#held = 0;
	}

	digest() {
		let digest = 0;
		for (let from = 0; from < this.#size; from += BLOCK) {
			const length = this.#access.read(this.#block, { at: from });
			for (let at = 0; at < length; at += ENTRY) {
				digest += partOf(this.#block.subarray(at, at + ENTRY));
			}
		}
		return digest;
	}

	read(index) {
		const bytes = new Uint8Array(ENTRY);
		this.#access.read(bytes, { at: index * ENTRY });
		return bytes;
	}

	close() {
		this.#access.close();
	}
}
