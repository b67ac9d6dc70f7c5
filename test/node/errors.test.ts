import { execFileSync } from "node:child_process";
import {
	mkdirSync,
	readFileSync,
	rmSync,
	truncateSync,
	writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { assert } from "chai";
import { afterEach, beforeEach, test } from "vitest";
import { openStorage } from "../../hosts/node.ts";
import type { ErrorPlace, StorageErrorCode } from "../../src/errors.ts";
import type { Storage } from "../../src/storage/storage.ts";
import { assertFails } from "../support/runs/failure.ts";
import { KeptStore } from "../support/rust/kept-store.ts";

const { HEX_NAME, KEPT, PAGE_SIZE, PATH } = KeptStore;

let store: KeptStore;

beforeEach(async () => {
	store = await KeptStore.create();
});

afterEach(() => store.delete());

test("a directory where a blob's file should be is refused by its path", async () => {
	mkdirSync(join(store.directory, "p/00"));
	await assertOpenFails("ERR_BLOB_OPEN_FAILED", "EISDIR", { path: "p/00" });
	await store.assertKept();
});

test("a named pipe where a blob's file should be is refused, and not waited for", async () => {
	execFileSync("mkfifo", [join(store.directory, "p/00")]);
	await assertOpenFails("ERR_BLOB_OPEN_FAILED", "EINVAL", { path: "p/00" });
	await store.assertKept();
});

test("a file where the store's directory should be is refused by its path", async () => {
	const path = join(store.parent, "file");
	writeFileSync(path, "held");
	await assertStorageFails(path, "EEXIST");
	assert.equal(readFileSync(path, "utf8"), "held");
});

test.each(["dualslot.json", "dualslot.open", "dualslot.tmp"])(
	"a directory where %s should be is refused by the store's path",
	async (name) => {
		rmSync(join(store.directory, name), { force: true });
		mkdirSync(join(store.directory, name));
		await assertStorageFails(store.directory, "EISDIR");
		rmSync(join(store.directory, name), { recursive: true });
		await store.assertKept();
	},
);

test("a foreign file is refused by its path, and left as it is", async () => {
	const path = join(store.directory, "p/00");
	writeFileSync(path, "none of ours");
	const place = { path: "p/00", partition: "p", blob: "00", offset: 0 };
	await assertOpenFails("ERR_BLOB_CORRUPT", undefined, place);
	assert.equal(readFileSync(path, "utf8"), "none of ours");
	await store.assertKept();
});

test("a blob of a later runtime version is refused by its path", async () => {
	const path = join(store.directory, "p/00");
	writeFileSync(path, Buffer.from("4357494300010000", "hex"));
	const place = { path: "p/00", offset: 0 };
	await assertOpenFails("ERR_BLOB_CORRUPT", undefined, place);
	await store.assertKept();
});

test("a blob of another version is refused with both versions", async () => {
	const code = "ERR_BLOB_VERSION_MISMATCH";
	await store.withStorage(async (storage) => {
		await storage.open("p", "seven", { versions: [7, 7] });
		const options = { versions: [1, 3] } as const;
		const open = () => storage.open("p", "seven", options);
		const { place } = await assertFails(code, open);
		assert.deepInclude(place, { expected: "1..=3", found: 7 });
	});
	await store.assertKept();
});

test("a blob whose header was torn is made anew, and only read as empty where nothing may be written", async () => {
	const path = join(store.directory, "p/00");
	writeFileSync(path, "CWI");
	const openEmpty = async (storage: Storage) => {
		const blob = await storage.open("p", Uint8Array.of(0));
		assert.equal(blob.size, 0);
	};
	await store.withStorage(openEmpty, { readOnly: true });
	assert.equal(readFileSync(path, "utf8"), "CWI");
	await store.withStorage(openEmpty);
	assert.equal(readFileSync(path).toString("hex"), "4357494300000000");
	await store.assertKept();
});

test("a read past the end is refused with the end, and reads nothing", async () => {
	const code = "ERR_BLOB_INSUFFICIENT_LENGTH";
	await store.withPaged(async (paged, blob) => {
		for (const [file, size] of [
			[paged, KEPT.length],
			[blob, 10 * (PAGE_SIZE + 12)],
		] as const) {
			const error = await assertFails(code, () => file.read(size - 1, 2));
			const place = { blob: HEX_NAME, offset: size - 1, expected: size + 1 };
			assert.deepInclude(error.place, { ...place, found: size });
			await assertFails(code, () => file.read(size + 1000, 1));
		}
	});
	await store.assertKept();
});

test("a file that someone cut under an open blob is read as too short", async () => {
	await store.withStorage(async (storage) => {
		const blob = await storage.open("p", "blob");
		truncateSync(join(store.directory, PATH), 50);
		const code = "ERR_BLOB_INSUFFICIENT_LENGTH";
		await assertFails(code, () => blob.read(40, 10));
		assert.equal((await blob.read(0, 42)).length, 42);
	});
});

test("a damaged page is refused with its place, and the others are read", async () => {
	const path = join(store.directory, PATH);
	const bytes = readFileSync(path);
	const damaged = 8 + 3 * (PAGE_SIZE + 12) + 50;
	bytes[damaged] = 255 - (bytes[damaged] ?? 0);
	writeFileSync(path, bytes);
	await store.withPaged(async (paged) => {
		const read = () => paged.read(0, KEPT.length);
		const error = await assertFails("ERR_INVALID_CHECKSUM", read);
		assert.deepInclude(error.place, { blob: HEX_NAME, page: 3, offset: 300 });
		assert.deepEqual(await paged.read(0, 300), KEPT.subarray(0, 300));
		assert.deepEqual(await paged.read(400, 600), KEPT.subarray(400));
	});
});

test("whatever is closed refuses each call with what it is", async () => {
	const storage = await openStorage(store.directory);
	const blob = await storage.open("p", "blob");
	const raw = await storage.open("p", "raw");
	const paged = await KeptStore.pagedOf(storage, blob);
	await storage.close();
	const bytes = Uint8Array.of(1);
	for (const call of [
		() => storage.open("p", "blob"),
		() => storage.remove("p"),
		() => storage.scan("p"),
		() => raw.read(0, 0),
		() => raw.write(0, bytes),
		() => raw.writeSync(0, bytes),
		() => raw.resize(0),
		() => raw.sync(),
		() => paged.append(bytes),
		() => paged.sync(),
		() => paged.read(0, 1),
		() => paged.readMany([0], 1),
		() => paged.tryRead(0, bytes),
		() => paged.resize(0),
		() => paged.replay(),
		() => paged.pages(),
	]) {
		const error = await assertFails("ERR_CLOSED", call);
		assert.isNotEmpty(error.place);
	}
	await storage.close();
	await store.assertKept();
});

async function assertStorageFails(path: string, cause: string): Promise<void> {
	const error = await assertFails("ERR_IO", () => openStorage(path));
	assert.equal(error.place.path, path);
	assert.propertyVal(error.cause, "code", cause);
}

/** Of the blob whose name is one zero byte. */
async function assertOpenFails(
	code: StorageErrorCode,
	cause: string | undefined,
	place: ErrorPlace,
): Promise<void> {
	await store.withStorage(async (storage) => {
		const open = () => storage.open("p", Uint8Array.of(0));
		const error = await assertFails(code, open);
		assert.deepInclude(error.place, place);
		if (cause !== undefined) {
			assert.propertyVal(error.cause, "code", cause);
		}
	});
}
