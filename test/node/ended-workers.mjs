// Workers open the store at argv[2] one after the other, by 'ring' or 'calls' (argv[3]), and end as argv[4] says. Tells as JSON what
// the process had before, what after, and what once it had opened and closed the store itself. With argv[5] 'opened' it had done so at
// first, too.
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { isMainThread, parentPort, Worker } from "node:worker_threads";
import { openPackedStore } from "../../build/node.js";

/** What each of them leaves is there twice after both. */
const WORKERS = 2;
const [path, io, end, before] = process.argv.slice(2);

if (isMainThread) {
	if (before === "opened") {
		await openAndClose();
	}
	const states = [stateOf()];
	for (let count = 0; count < WORKERS; count += 1) {
		await runWorker();
	}
	states.push(stateOf());
	await openAndClose();
	states.push(stateOf());
	console.log(JSON.stringify(states));
} else {
	const store = await openPackedStore(path, { io, wait: false });
	await store.write(new Uint8Array(16), new Uint8Array(512 * 1024).fill(7));
	const writing = store.flush();
	parentPort.postMessage("opened");
	if (end === "exit") {
		process.exit(1);
	}
	if (end === "throw") {
		throw new Error("thrown");
	}
	await writing;
	if (end === "terminate") {
		setInterval(() => undefined, 1000);
	}
}

async function openAndClose() {
	await (await openPackedStore(path, { io, wait: false })).close();
}

async function runWorker() {
	const worker = new Worker(new URL(import.meta.url), {
		argv: [path, io, end],
		stderr: true,
	});
	// What it throws is its end, too.
	worker.on("error", () => undefined);
	const ended = new Promise((resolve) => worker.on("exit", resolve));
	const opened = new Promise((resolve) => worker.on("message", resolve));
	await Promise.race([opened, ended]);
	if (end === "terminate") {
		await worker.terminate();
	}
	await ended;
}

function stateOf() {
	const maps = readFileSync("/proc/self/maps", "utf8");
	const links = readdirSync("/proc/self/fd").map(linkOf);
	return {
		mappings: maps.split("\n").filter((line) => line.includes("io_uring"))
			.length,
		rings: links.filter((link) => link.includes("io_uring")).length,
		records: links.filter((link) => link.includes("dualslot-ring")).length,
		files: links.filter((link) => link.startsWith(path)).length,
	};
}

function linkOf(fd) {
	try {
		return readlinkSync(`/proc/self/fd/${fd}`);
	} catch {
		return "";
	}
}
