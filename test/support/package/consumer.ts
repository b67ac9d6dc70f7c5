// A user's program: types, all entry points, and a record that is found again.
import {
	PageCache,
	PagedBlob,
	type RecoveryReport,
	type Storage,
	StorageError,
} from "dualslot";
import {
	memoryHost,
	openStorage as openStorageInMemory,
} from "dualslot/memory";
import { openStorage } from "dualslot/node";

const RECORD = new TextEncoder().encode("kept");
const host = memoryHost();

await write(await openStorage("store"));
await read(await openStorage("store"));
await write(await openStorageInMemory(host));
await read(await openStorageInMemory(host));
console.log("kept");

async function write(storage: Storage): Promise<void> {
	const paged = await openPaged(storage);
	await paged.append(RECORD);
	await paged.sync();
	await storage.close();
}

async function read(storage: Storage): Promise<void> {
	const paged = await openPaged(storage);
	const { size }: RecoveryReport = paged.recovery;
	const found = await paged.read(0, size);
	if (new TextDecoder().decode(found) !== "kept") {
		throw new Error(`found ${found}`);
	}
	await storage.close();
	try {
		await paged.read(0, 1);
	} catch (error) {
		if (error instanceof StorageError && error.code === "ERR_CLOSED") {
			return;
		}
		throw error;
	}
}

async function openPaged(storage: Storage): Promise<PagedBlob> {
	const cache = new PageCache(storage, { pageSize: 512, pages: 4 });
	return PagedBlob.open(await storage.open("records", "log"), { cache });
}
