// In the page: clears the origin, and measures one contender, here or in a worker.
import { measured } from "./measured.mjs";
import { WorkerStore } from "./stores/in-worker-store.mjs";

/** Those that work in a window as well. */
const AT_HOME_IN_WINDOW = new Set(["dualslot", "indexed-db"]);
const RETRIES = 100;
/** Milliseconds. */
const SETTLING = 500;

/** The origin is empty before and after, and the browser has a moment: a database is removed in the background. */
export async function measureInPage(scope, file, options, sizes) {
	await clearOrigin();
	const figures = await measuredIn(scope, file, options, sizes);
	await clearOrigin();
	await new Promise((resolve) => setTimeout(resolve, SETTLING));
	return figures;
}

async function measuredIn(scope, file, options, sizes) {
	if (scope === "worker") {
		return measuredInWorker({ file, options, sizes });
	}
	if (AT_HOME_IN_WINDOW.has(file)) {
		const store = await import(`./stores/${file}.mjs`);
		return measured(() => store.load(options), sizes);
	}
	return measured(async () => () => WorkerStore.open(file, options), sizes);
}

async function measuredInWorker(asked) {
	const worker = new Worker("/bench/browser/worker.mjs", { type: "module" });
	const answer = new Promise((resolve, reject) => {
		worker.onmessage = ({ data: { figures, failure } }) =>
			failure === undefined ? resolve(figures) : reject(new Error(failure));
		worker.onerror = ({ message }) => reject(new Error(message));
	});
	worker.postMessage({ measure: asked });
	try {
		return await answer;
	} finally {
		worker.terminate();
	}
}

async function clearOrigin() {
	const root = await navigator.storage.getDirectory();
	for await (const name of root.keys()) {
		await onceFree(() => root.removeEntry(name, { recursive: true }));
	}
	for (const { name } of await indexedDB.databases()) {
		await new Promise((resolve, reject) => {
			const request = indexedDB.deleteDatabase(name);
			request.onsuccess = resolve;
			request.onerror = () => reject(request.error);
		});
	}
}

/** The worker of the page before may not have given its files back yet. */
async function onceFree(step) {
	for (let tries = 0; ; tries += 1) {
		try {
			return await step();
		} catch (error) {
			if (tries === RETRIES) {
				throw error;
			}
			await new Promise((resolve) => setTimeout(resolve, 20));
		}
	}
}
