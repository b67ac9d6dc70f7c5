// Through the host argv[2], on the store argv[3]: with argv[4] 'write', keeps records until it is killed or its input
// ends; otherwise says as JSON what opening the store found, and what it then read there.
import { createHash } from "node:crypto";
import process from "node:process";
import { PageCache, PagedBlob } from "../../build/index.js";
import { builtHost } from "../support/hosts/built-host.mjs";

const PAGE_SIZE = 128;
const RECORD_SIZE = 17;
const [, , name, directory, task] = process.argv;
const { openStorage } = await builtHost(name);
const storage = await openStorage(directory);
const blobs = [await open("first"), await open("second")];
await (task === "write" ? write() : recover());

/** Leaves in each blob records that were synced, some that were only written, and some that are still in memory. */
async function write() {
	for (const blob of blobs) {
		await appendRecords(blob, 100);
		await blob.sync();
		await appendRecords(blob, 200);
	}
	process.stdout.write(`${JSON.stringify({ pid: process.pid })}\n`);
	process.stdin.resume().once("end", () => process.exit());
}

async function appendRecords(blob, count) {
	for (let number = 0; number < count; number += 1) {
		await blob.append(new Uint8Array(RECORD_SIZE).fill(blob.size % 251));
	}
}

async function recover() {
	const found = await Promise.all(
		blobs.map(async (blob) => ({
			recovery: blob.recovery,
			digest: digestOf(await blob.read(0, blob.size)),
		})),
	);
	process.stdout.write(JSON.stringify([storage.recovery, ...found]));
	await storage.close();
}

async function open(blob) {
	const cache = new PageCache(storage, { pageSize: PAGE_SIZE, pages: 16 });
	return PagedBlob.open(await storage.open("records", blob), {
		cache,
		writeBuffer: 8 * PAGE_SIZE,
	});
}

function digestOf(bytes) {
	return createHash("sha256").update(bytes).digest("hex");
}
