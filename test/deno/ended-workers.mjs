// Workers open the store in argv[2] one after the other, and are terminated. Says as JSON how many have opened it, and what of its
// files the process holds at the end.
import { readdirSync, readlinkSync } from "node:fs";
import process from "node:process";
import { openStorage } from "../../build/deno.js";

const WORKERS = 5;
const isWorker = typeof globalThis.postMessage === "function";

if (isWorker) {
	globalThis.onmessage = async ({ data }) => {
		const storage = await openStorage(data, { wait: 60_000 });
		const blob = await storage.open("partition", "blob");
		await blob.write(0, new Uint8Array(1));
		globalThis.postMessage("opened");
	};
} else {
	const [, , directory] = process.argv;
	let opened = 0;
	for (; opened < WORKERS; opened += 1) {
		const worker = new Worker(import.meta.url, { type: "module" });
		const answer = new Promise((resolve, reject) => {
			worker.onmessage = resolve;
			worker.onerror = reject;
		});
		worker.postMessage(directory);
		await answer;
		worker.terminate();
	}
	await (await openStorage(directory, { wait: 60_000 })).close();
	const links = readdirSync("/proc/self/fd").map(linkOf);
	const held = links.filter((link) => link.startsWith(directory)).length;
	process.stdout.write(JSON.stringify({ opened, held }));
	process.exit();
}

function linkOf(fd) {
	try {
		return readlinkSync(`/proc/self/fd/${fd}`);
	} catch {
		return "";
	}
}
