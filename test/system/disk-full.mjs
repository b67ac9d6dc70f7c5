// Through the host argv[2], fills the disk under the store in argv[3], which must be small, and says as JSON what came of
// it. The other file on that disk, argv[4], is what is removed to make room again. Records have argv[5] bytes, pages
// argv[6].
import { rmSync } from "node:fs";
import process from "node:process";
import { PageCache, PagedBlob } from "../../build/index.js";
import { builtHost } from "../support/hosts/built-host.mjs";

const [, , name, directory, filler, ...sizes] = process.argv;
const { openStorage } = await builtHost(name);
const [RECORD_SIZE, PAGE_SIZE] = sizes.map(Number);

const storage = await openStorage(directory);
const paged = await open(storage, "log");
const { acknowledged, failure } = await appendUntilFull(paged);
const creation = await failureOf(() => storage.open("other", "blob"));
const second = await failureOf(() => openStorage(`${directory}-second`));
const kept = await countRecords(paged);
rmSync(filler);
const again = await appendOnceMore(paged);
await storage.close().catch(() => undefined);
const reopened = await openStorage(directory);
const found = await countRecords(await open(reopened, "log"));
await reopened.close();
process.stdout.write(
	JSON.stringify({
		...{ acknowledged, kept, found, again },
		...{ failure, creation, second },
	}),
);

async function open(store, blobName) {
	const cache = new PageCache(store, { pageSize: PAGE_SIZE, pages: 64 });
	const blob = await store.open("records", blobName);
	return PagedBlob.open(blob, { cache, writeBuffer: 2 * PAGE_SIZE });
}

async function appendUntilFull(blob) {
	for (let acknowledged = 0; ; acknowledged += 1) {
		const failure = await failureOf(() => appendRecord(blob, acknowledged));
		if (failure !== undefined) {
			return { acknowledged, failure };
		}
	}
}

async function appendRecord(blob, number) {
	await blob.append(new Uint8Array(RECORD_SIZE).fill(number % 251));
	await blob.sync();
}

/** With room again: how it ends on the same handle, or undefined when it is durable. */
async function appendOnceMore(blob) {
	const number = Math.floor(blob.size / RECORD_SIZE);
	const missing = RECORD_SIZE * (number + 1) - blob.size;
	return failureOf(async () => {
		await blob.append(new Uint8Array(missing).fill(number % 251));
		await blob.sync();
	});
}

/** How many whole records there are, each of which must be what was appended. */
async function countRecords(blob) {
	const count = Math.floor(blob.size / RECORD_SIZE);
	for (let number = 0; number < count; number += 1) {
		const record = await blob.read(number * RECORD_SIZE, RECORD_SIZE);
		if (record.some((byte) => byte !== number % 251)) {
			throw new Error(`record ${number} is not what was appended`);
		}
	}
	return count;
}

async function failureOf(call) {
	try {
		await call();
		return undefined;
	} catch (error) {
		const { code, message, place, cause } = error;
		return { code, message, place, cause: cause?.code };
	}
}
