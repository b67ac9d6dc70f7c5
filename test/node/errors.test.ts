import { execFileSync } from "node:child_process";
import {
	chmodSync,
	mkdirSync,
	mkdtempSync,
	readFileSync,
	rmSync,
	truncateSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { assert } from "chai";
import { afterEach, beforeEach, test } from "vitest";
import { openStorage } from "../../hosts/node.ts";
import type { StorageBlob } from "../../src/blob.ts";
import type { ErrorPlace, StorageErrorCode } from "../../src/errors.ts";
import { PageCache } from "../../src/page-cache.ts";
import { PagedBlob } from "../../src/paged-blob.ts";
import type { Storage } from "../../src/storage.ts";
import { bytesOf, pattern, toHex } from "../support/bytes.ts";
import { assertFails } from "../support/failure.ts";

const PAGE_SIZE = 100;
const KEPT = pattern(1000);
const HEX_NAME = toHex(bytesOf("blob"));
const PATH = `p/${HEX_NAME}`;

let parent: string;
let directory: string;

beforeEach(async () => {
	parent = mkdtempSync(join(tmpdir(), "dualslot-"));
	chmodSync(parent, 0o755);
	directory = join(parent, "store");
	await withPaged(async (paged) => {
		await paged.append(KEPT);
		await paged.sync();
	});
});

afterEach(() => rmSync(parent, { recursive: true }));

test("a directory where a blob's file should be is refused by its path", async () => {
	mkdirSync(join(directory, "p/00"));
	await assertOpenFails("ERR_BLOB_OPEN_FAILED", "EISDIR", { path: "p/00" });
	await assertKept();
});

test("a named pipe where a blob's file should be is refused, and not waited for", async () => {
	execFileSync("mkfifo", [join(directory, "p/00")]);
	await assertOpenFails("ERR_BLOB_OPEN_FAILED", "EINVAL", { path: "p/00" });
	await assertKept();
});

test("a file where the store's directory should be is refused by its path", async () => {
	const path = join(parent, "file");
	writeFileSync(path, "held");
	await assertStorageFails(path, "EEXIST");
	assert.equal(readFileSync(path, "utf8"), "held");
});

test.each(["dualslot.json", "dualslot.open", "dualslot.tmp"])(
	"a directory where %s should be is refused by the store's path",
	async (name) => {
		rmSync(join(directory, name), { force: true });
		mkdirSync(join(directory, name));
		await assertStorageFails(directory, "EISDIR");
		rmSync(join(directory, name), { recursive: true });
		await assertKept();
	},
);

test.each([
	["a store that it may not write to", "", 0o555, "ERR_IO"],
	["a store that it may not read", "", 0o000, "ERR_IO"],
	["a partition that it may not write to", "p", 0o555, "ERR_BLOB_OPEN_FAILED"],
	["a partition that it may not read", "p", 0o000, "ERR_BLOB_OPEN_FAILED"],
])("a user is refused %s, by its path", async (_, path, mode, code) => {
	chmodSync(directory, 0o777);
	chmodSync(join(directory, path), mode);
	const failure = openAsNobody("p", "new");
	assert.deepInclude(failure, { kind: "StorageError", code, cause: "EACCES" });
	const named = path === "" ? directory : "p/6e6577";
	assert.include(String(failure.message), named);
	chmodSync(join(directory, path), 0o755);
	await assertKept();
});

test("a user is refused a blob that it may not read, by its path", async () => {
	chmodSync(directory, 0o777);
	chmodSync(join(directory, PATH), 0o000);
	for (const mode of ["readOnly", ""]) {
		const failure = openAsNobody("p", "blob", mode);
		const code = "ERR_BLOB_OPEN_FAILED";
		assert.deepInclude(failure, { code, cause: "EACCES" });
		assert.include(String(failure.message), PATH);
	}
	await assertKept();
});

test("a foreign file is refused by its path, and left as it is", async () => {
	const path = join(directory, "p/00");
	writeFileSync(path, "none of ours");
	const place = { path: "p/00", partition: "p", blob: "00", offset: 0 };
	await assertOpenFails("ERR_BLOB_CORRUPT", undefined, place);
	assert.equal(readFileSync(path, "utf8"), "none of ours");
	await assertKept();
});

test("a blob of a later runtime version is refused by its path", async () => {
	const path = join(directory, "p/00");
	writeFileSync(path, Buffer.from("4357494300010000", "hex"));
	const place = { path: "p/00", offset: 0 };
	await assertOpenFails("ERR_BLOB_CORRUPT", undefined, place);
	await assertKept();
});

test("a blob of another version is refused with both versions", async () => {
	const code = "ERR_BLOB_VERSION_MISMATCH";
	await withStorage(async (storage) => {
		await storage.open("p", "seven", { versions: [7, 7] });
		const options = { versions: [1, 3] } as const;
		const open = () => storage.open("p", "seven", options);
		const { place } = await assertFails(code, open);
		assert.deepInclude(place, { expected: "1..=3", found: 7 });
	});
	await assertKept();
});

test("a blob whose header was torn is made anew, and only read as empty where nothing may be written", async () => {
	const path = join(directory, "p/00");
	writeFileSync(path, "CWI");
	const openEmpty = async (storage: Storage) => {
		const blob = await storage.open("p", Uint8Array.of(0));
		assert.equal(blob.size, 0);
	};
	await withStorage(openEmpty, { readOnly: true });
	assert.equal(readFileSync(path, "utf8"), "CWI");
	await withStorage(openEmpty);
	assert.equal(readFileSync(path).toString("hex"), "4357494300000000");
	await assertKept();
});

test("a read past the end is refused with the end, and reads nothing", async () => {
	const code = "ERR_BLOB_INSUFFICIENT_LENGTH";
	await withPaged(async (paged, blob) => {
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
	await assertKept();
});

test("a file that someone cut under an open blob is read as too short", async () => {
	await withStorage(async (storage) => {
		const blob = await storage.open("p", "blob");
		truncateSync(join(directory, PATH), 50);
		const code = "ERR_BLOB_INSUFFICIENT_LENGTH";
		await assertFails(code, () => blob.read(40, 10));
		assert.equal((await blob.read(0, 42)).length, 42);
	});
});

test("a damaged page is refused with its place, and the others are read", async () => {
	const path = join(directory, PATH);
	const bytes = readFileSync(path);
	const damaged = 8 + 3 * (PAGE_SIZE + 12) + 50;
	bytes[damaged] = 255 - (bytes[damaged] ?? 0);
	writeFileSync(path, bytes);
	await withPaged(async (paged) => {
		const read = () => paged.read(0, KEPT.length);
		const error = await assertFails("ERR_INVALID_CHECKSUM", read);
		assert.deepInclude(error.place, { blob: HEX_NAME, page: 3, offset: 300 });
		assert.deepEqual(await paged.read(0, 300), KEPT.subarray(0, 300));
		assert.deepEqual(await paged.read(400, 600), KEPT.subarray(400));
	});
});

test("whatever is closed refuses each call with what it is", async () => {
	const storage = await openStorage(directory);
	const blob = await storage.open("p", "blob");
	const raw = await storage.open("p", "raw");
	const paged = await pagedOf(storage, blob);
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
	await assertKept();
});

test.each([
	["in small steps", 1000, 512],
	["in large steps", 100_000, 4096],
])(
	"a disk that fills up %s fails clearly, loses nothing, and serves the same handle when there is room again",
	(_, recordSize, pageSize) => {
		const report = fillDisk(recordSize, pageSize);
		const cause = "ENOSPC";
		const { failure, creation, second } = report;
		assert.deepInclude(failure, { code: "ERR_WRITE_FAILED", cause });
		assert.deepInclude(failure.place, { partition: "records", blob: "6c6f67" });
		assert.deepInclude(creation, { code: "ERR_BLOB_OPEN_FAILED", cause });
		assert.deepInclude(second, { code: "ERR_IO", cause });
		assert.isAtLeast(report.acknowledged, 5);
		assert.isAtLeast(report.kept, report.acknowledged);
		assert.isUndefined(report.again);
		assert.isAbove(report.found, report.kept);
	},
);

interface Failure {
	readonly kind: string;
	readonly code: string;
	readonly message: string;
	readonly place: ErrorPlace;
	readonly cause: string;
}

interface FullDiskReport {
	readonly acknowledged: number;
	readonly kept: number;
	readonly found: number;
	readonly failure: Failure;
	readonly creation: Failure;
	readonly second: Failure;
	readonly again?: Failure;
}

/** A small disk of its own, which the kernel takes away with the process that mounted it. */
function fillDisk(recordSize: number, pageSize: number): FullDiskReport {
	const disk = join(parent, "disk");
	mkdirSync(disk);
	const script = [
		'mount -t tmpfs -o size=2m none "$1"',
		'head -c 1000000 /dev/zero > "$1/filler"',
		'exec "$2" "$3" "$1/store" "$1/filler" "$4" "$5"',
	].join(" && ");
	const output = execFileSync("unshare", [
		...["--map-root-user", "--mount", "sh", "-c", script, "sh"],
		...[disk, process.execPath, childPath("disk-full.mjs")],
		...[String(recordSize), String(pageSize)],
	]);
	return JSON.parse(output.toString());
}

function openAsNobody(...names: string[]): Failure {
	const child = childPath("as-nobody.mjs");
	const output = execFileSync(process.execPath, [child, directory, ...names]);
	return JSON.parse(output.toString());
}

function childPath(name: string): string {
	return fileURLToPath(new URL(name, import.meta.url));
}

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
	await withStorage(async (storage) => {
		const open = () => storage.open("p", Uint8Array.of(0));
		const error = await assertFails(code, open);
		assert.deepInclude(error.place, place);
		if (cause !== undefined) {
			assert.propertyVal(error.cause, "code", cause);
		}
	});
}

async function assertKept(): Promise<void> {
	await withPaged(async (paged) => {
		assert.deepEqual(await paged.read(0, KEPT.length), KEPT);
		assert.equal(paged.recovery.cut, "none");
	});
}

async function withStorage(
	body: (storage: Storage) => Promise<void>,
	options = {},
): Promise<void> {
	const storage = await openStorage(directory, options);
	try {
		await body(storage);
	} finally {
		await storage.close();
	}
}

async function withPaged(
	body: (paged: PagedBlob, blob: StorageBlob) => Promise<void>,
): Promise<void> {
	await withStorage(async (storage) => {
		const blob = await storage.open("p", "blob");
		await body(await pagedOf(storage, blob), blob);
	});
}

async function pagedOf(
	storage: Storage,
	blob: StorageBlob,
): Promise<PagedBlob> {
	const cache = new PageCache(storage, { pageSize: PAGE_SIZE, pages: 8 });
	return PagedBlob.open(blob, { cache });
}
