import { PageCache, PagedBlob, Storage } from "../build/index.js";
import { withoutSync } from "./without-sync.mjs";

/** @import { Host, RecoveryReport } from "../build/types/src/index.d.ts" */
/** @import { Lines } from "./text-file.mjs" */

/**
 * @typedef {object} StoreOptions
 * @property {boolean} isSynced
 * @property {boolean} [readOnly]
 * @property {number} [pageSize]
 * @property {number} [writeBuffer]
 * @property {number} [memory]
 */

/** The lines of a file, one after the other in a paged blob, which at any moment holds a prefix of the file. */
export class LineStore {
	/** @param {Storage} storage @param {PagedBlob} paged @param {Lines} lines */
	constructor(storage, paged, lines) {
		this.storage = storage;
		this.paged = paged;
		this.lines = lines;
	}

	/** Recovers what a host holds. @param {Host} host @param {Lines} lines @param {StoreOptions} options */
	static async open(host, lines, options) {
		const { isSynced, pageSize = 4096, writeBuffer, ...rest } = options;
		const beneath = isSynced ? host : withoutSync(host);
		const storage = await Storage.open(beneath, rest);
		try {
			const blob = await storage.open("lines", "file");
			const cache = new PageCache(storage, { pageSize, pages: 16 });
			const paged = await PagedBlob.open(blob, { cache, writeBuffer });
			return new LineStore(storage, paged, lines);
		} catch (error) {
			await storage.drop();
			throw error;
		}
	}

	/** @returns {RecoveryReport} */
	get recovery() {
		return this.paged.recovery;
	}

	/** How many whole lines are in it. */
	get count() {
		return this.lines.wholeWithin(this.paged.size);
	}

	get isComplete() {
		return this.count === this.lines.count;
	}

	/** Appends the lines that come next, the rest of a broken one first. @param {number} count */
	async append(count) {
		const { lines, paged } = this;
		const first = this.count;
		const end = Math.min(first + count, lines.count);
		for (let index = first; index < end; index += 1) {
			await paged.append(lines.restOf(index, paged.size));
		}
	}

	/** Resolves with how many lines are durable now: all those appended before the call. */
	async sync() {
		const { count } = this;
		await this.paged.sync();
		return count;
	}

	/** How many of the recovered bytes are the file's, read back and compared until one differs. */
	async countEqual() {
		const { bytes } = this.lines;
		let compared = 0;
		for await (const chunk of this.paged.replay()) {
			const expected = bytes.subarray(compared, compared + chunk.length);
			const differs = chunk.findIndex((byte, at) => byte !== expected[at]);
			if (differs >= 0) {
				return compared + differs;
			}
			compared += chunk.length;
		}
		return compared;
	}

	close() {
		return this.storage.close();
	}

	drop() {
		return this.storage.drop();
	}
}
