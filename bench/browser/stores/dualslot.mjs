import { entryAt, partOf } from "../entries.mjs";
import { CACHED_PAGES, ENTRY, PAGE } from "../sizes.mjs";

const SECTION = 1n;

export async function load({ build }) {
	const [engine, opfs] = await Promise.all([
		import(`/${build}/index.js`),
		import(`/${build}/opfs.js`),
	]);
	return () => DualslotStore.open(engine, opfs);
}

class DualslotStore {
	#storage;
	#journal;

	constructor(storage, journal) {
		this.#storage = storage;
		this.#journal = journal;
	}

	static async open({ FixedJournal, PageCache }, { openStorage }) {
		const storage = await openStorage("bench");
		const pages = { pageSize: PAGE, pages: CACHED_PAGES };
		const journal = await FixedJournal.open(storage, {
			partition: "entries",
			cache: new PageCache(storage, pages),
			entry: { size: ENTRY },
		});
		return new DualslotStore(storage, journal);
	}

	async append(index) {
		await this.#journal.append(SECTION, entryAt(index));
		await this.#journal.sync(SECTION);
	}

	begin() {}

	put(_, bytes) {
		return this.#journal.append(SECTION, bytes);
	}

	commit() {
		return this.#journal.sync(SECTION);
	}

	async digest() {
		let digest = 0;
		for await (const { entry } of this.#journal.replay()) {
			digest += partOf(entry);
		}
		return digest;
	}

	read(index) {
		return this.#journal.get(SECTION, index);
	}

	close() {
		return this.#storage.close();
	}
}
