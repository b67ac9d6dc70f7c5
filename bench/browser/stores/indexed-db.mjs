import { entryAt, partOf } from "../entries.mjs";

const STORE = "entries";
/** Entries that a replay asks for at once. */
const MANY = 1024;

export async function load() {
	return () => IndexedDbStore.open();
}

class IndexedDbStore {
	#database;
	#bulk;

	constructor(database) {
		this.#database = database;
	}

	static async open() {
		const request = indexedDB.open("bench", 1);
		request.onupgradeneeded = () => request.result.createObjectStore(STORE);
		return new IndexedDbStore(await answerOf(request));
	}

	async append(index) {
		this.begin();
		this.put(index, entryAt(index));
		await this.commit();
	}

	begin() {
		this.#bulk = this.#database.transaction(STORE, "readwrite", {
			durability: "strict",
		});
	}

	put(index, bytes) {
		this.#bulk.objectStore(STORE).put(bytes, index);
	}

	commit() {
		const transaction = this.#bulk;
		return new Promise((resolve, reject) => {
			transaction.oncomplete = resolve;
			transaction.onabort = () => reject(transaction.error);
			transaction.commit();
		});
	}

	async digest() {
		let digest = 0;
		for (let index = 0; ; index += MANY) {
			const range = IDBKeyRange.bound(index, index + MANY - 1);
			const many = await answerOf(this.#reading().getAll(range));
			for (const bytes of many) {
				digest += partOf(bytes);
			}
			if (many.length < MANY) {
				return digest;
			}
		}
	}

	read(index) {
		return answerOf(this.#reading().get(index));
	}

	close() {
		this.#database.close();
	}

	#reading() {
		return this.#database.transaction(STORE).objectStore(STORE);
	}
}

function answerOf(request) {
	return new Promise((resolve, reject) => {
		request.onsuccess = () => resolve(request.result);
		request.onerror = () => reject(request.error);
	});
}
