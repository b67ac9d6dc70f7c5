import { entryAt } from "../entries.mjs";
import { ENTRY } from "../sizes.mjs";

/** Entries of a bulk load in one message. */
const MANY = 1024;

/** A store that a worker has, seen from a window: a message for each call, and for many entries of a bulk load. */
export class WorkerStore {
	#worker;
	#from = 0;
	#held = [];

	constructor(worker) {
		this.#worker = worker;
	}

	static async open(file, options) {
		const worker = new Worker("/bench/browser/worker.mjs", { type: "module" });
		worker.postMessage({ serve: { file, options } });
		await answerOf(worker);
		return new WorkerStore(worker);
	}

	append(index) {
		return this.#ask("appendBytes", index, entryAt(index));
	}

	begin() {
		return this.#ask("begin");
	}

	put(index, bytes) {
		if (this.#held.length === 0) {
			this.#from = index;
		}
		this.#held.push(bytes);
		return this.#held.length === MANY ? this.#putHeld() : undefined;
	}

	async commit() {
		await this.#putHeld();
		await this.#ask("commit");
	}

	#putHeld() {
		const block = new Uint8Array(this.#held.length * ENTRY);
		for (const [at, bytes] of this.#held.entries()) {
			block.set(bytes, at * ENTRY);
		}
		this.#held = [];
		return this.#ask("putMany", this.#from, block);
	}

	/** Which the worker makes: the entries do not cross. */
	digest() {
		return this.#ask("digest");
	}

	read(index) {
		return this.#ask("read", index);
	}

	async close() {
		await this.#ask("close");
		this.#worker.terminate();
	}

	#ask(call, ...given) {
		this.#worker.postMessage({ call, given });
		return answerOf(this.#worker);
	}
}

/** The worker's end: one call at a time. */
export function serveStore(store) {
	const calls = {
		appendBytes: (index) => store.append(index),
		begin: () => store.begin(),
		async putMany(from, block) {
			for (let at = 0; at < block.length; at += ENTRY) {
				const put = store.put(
					from + at / ENTRY,
					block.subarray(at, at + ENTRY),
				);
				if (put instanceof Promise) {
					await put;
				}
			}
		},
		commit: () => store.commit(),
		digest: () => store.digest(),
		read: (index) => store.read(index),
		close: () => store.close(),
	};
	self.onmessage = async ({ data: { call, given } }) => {
		try {
			self.postMessage({ answer: await calls[call](...given) });
		} catch (error) {
			self.postMessage({ failure: `${error?.message ?? error}` });
		}
	};
	self.postMessage({});
}

function answerOf(worker) {
	return new Promise((resolve, reject) => {
		worker.onmessage = ({ data: { answer, failure } }) =>
			failure === undefined ? resolve(answer) : reject(new Error(failure));
		worker.onerror = ({ message }) => reject(new Error(message));
	});
}
