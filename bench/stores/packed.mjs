import { join } from "node:path";
import { openPackedStore } from "../../build/node.js";

/** dualslot's packed store, with as many frames leased as the row moves together. */
export class PackedFrames {
	path;
	#store;
	#frames;
	#leased;
	#guids;

	constructor(path, store, frames, leased) {
		this.path = path;
		this.#store = store;
		this.#frames = frames;
		this.#leased = leased;
		this.#guids = frames.guids;
	}

	static async open(directory, frames, options) {
		const { together } = frames;
		const pool = { frames: together };
		const store = await openPackedStore(directory, { ...pool, ...options });
		const leased = await Promise.all(
			Array.from({ length: together }, () => store.allocateFrame()),
		);
		frames.fill(leased.map(({ bytes }) => bytes));
		return new PackedFrames(
			...[join(directory, "blobs.dat"), store, frames, leased],
		);
	}

	async write() {
		const leased = this.#leased;
		for (const start of this.#frames.starts) {
			const guids = this.#batchFrom(start);
			await this.#store.writeMany(guids.map((guid, at) => [guid, leased[at]]));
			await this.#store.flush();
		}
	}

	async read() {
		for (const start of this.#frames.starts) {
			await this.#store.readMany(this.#batchFrom(start), this.#leased);
		}
	}

	/** What the last reads have read. */
	get places() {
		return this.#leased.map(({ bytes }) => bytes);
	}

	async check(name) {
		const [bytes] = this.places;
		for (const [index, guid] of this.#guids.entries()) {
			await this.#store.read(guid, this.#leased[0]);
			this.#frames.check(name, index, bytes);
		}
	}

	close() {
		return this.#store.close();
	}

	#batchFrom(start) {
		return this.#guids.slice(start, start + this.#frames.together);
	}
}
