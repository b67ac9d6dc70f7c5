import fs from "node:fs";
import { join } from "node:path";
import { assert } from "chai";
import { afterEach, beforeEach, test } from "vitest";
import { openPackedStore, openStorage } from "../../hosts/node.ts";
import { importFrom } from "../../src/transfer/index.ts";
import { bytesOf, toHex } from "../support/runs/bytes.ts";
import { assertFails, failureOf } from "../support/runs/failure.ts";
import { KeptStore } from "../support/rust/kept-store.ts";
import { exported, streamOf } from "../support/stores/archives.ts";

const FOLLOWING = { links: "follow" } as const;

let store: KeptStore;
let outside: string;

beforeEach(async () => {
	store = await KeptStore.create();
	outside = join(store.parent, "outside");
	fs.writeFileSync(outside, "kept");
});

afterEach(() => store.delete());

test("a file that is made goes to no place that a link of its name leads to", async () => {
	const link = join(store.directory, "dualslot.tmp");
	fs.symlinkSync(outside, link);
	await store.assertKept();
	assert.equal(fs.readFileSync(outside, "utf8"), "kept");
	fs.rmSync(link, { force: true });
	fs.symlinkSync(join(store.parent, "nothing"), link);
	await store.assertKept();
	assert.isFalse(fs.existsSync(join(store.parent, "nothing")));
});

test.each(["dualslot.json", "dualslot.open", "dualslot.import"])(
	"%s is not read through a link",
	async (name) => {
		const path = join(store.directory, name);
		fs.rmSync(path, { force: true });
		fs.symlinkSync(outside, path);
		await assertFails("ERR_IO", () => store.withStorage(async () => undefined));
		assert.equal(fs.readFileSync(outside, "utf8"), "kept");
	},
);

test.each([
	...["store.lock", "manifest.log", "manifest.bin"],
	...["blobs.dat", "frames.crc", "dualslot.closed"],
])(
	"%s of a packed store is not opened through a link, nor made behind one",
	async (name) => {
		const directory = join(store.parent, "packed");
		fs.mkdirSync(directory);
		const path = join(directory, name);
		const open = async () => {
			const opened = await openPackedStore(directory, { directIO: "off" });
			await opened.drop();
		};
		for (const target of [outside, join(store.parent, "nothing")]) {
			fs.symlinkSync(target, path);
			await assertFails("ERR_IO", open);
			fs.rmSync(path);
		}
		assert.equal(fs.readFileSync(outside, "utf8"), "kept");
		assert.isFalse(fs.existsSync(join(store.parent, "nothing")));
		await open();
	},
);

test("a blob that is a link is not opened", async () => {
	fs.symlinkSync(outside, join(store.directory, "p", "00"));
	await store.withStorage(async (storage) => {
		await assertFails("ERR_BLOB_OPEN_FAILED", () =>
			storage.open("p", Uint8Array.of(0)),
		);
	});
	assert.equal(fs.readFileSync(outside, "utf8"), "kept");
});

test("a file that is made anew takes its name, and leaves a file that had it and has another name", async () => {
	fs.linkSync(outside, join(store.directory, "dualslot.tmp"));
	await store.assertKept();
	assert.equal(fs.readFileSync(outside, "utf8"), "kept");
});

test("a partition that is a link is refused by who opens, scans and exports it", async () => {
	const elsewhere = directoryBeside("elsewhere", "linked");
	await store.withStorage(async (storage) => {
		for (const call of [
			() => storage.open("linked", "name"),
			() => storage.scan("linked"),
			() => storage.remove("linked"),
			() => storage.remove("linked", "name"),
			() => exported(storage),
		]) {
			await assertRefused(call);
		}
	});
	await store.withStorage(
		(storage) => assertRefused(() => storage.open("linked", "name")),
		{ readOnly: true },
	);
	assert.deepEqual(fs.readdirSync(elsewhere), []);
	assert.isTrue(fs.existsSync(join(store.directory, "linked")));
});

test("a store is not imported into where a link has a partition's name", async () => {
	const archive = await exportOf(store);
	const elsewhere = join(store.parent, "elsewhere");
	const empty = join(store.parent, "empty");
	fs.mkdirSync(elsewhere);
	fs.mkdirSync(empty);
	fs.symlinkSync(elsewhere, join(empty, "linked"));
	const storage = await openStorage(empty);
	await assertRefused(() => importFrom(storage, streamOf(archive)));
	await storage.close();
	assert.deepEqual(fs.readdirSync(elsewhere), []);
});

test("a partition that is a link is opened, scanned, exported and removed where links are followed", async () => {
	const elsewhere = directoryBeside("elsewhere", "linked");
	await store.withStorage(async (storage) => {
		await storage.open("linked", "name");
		assert.lengthOf(await storage.scan("linked"), 1);
		const tar = Buffer.from(await exported(storage)).toString("latin1");
		assert.include(tar, `linked/${toHex(bytesOf("name"))}`);
	}, FOLLOWING);
	assert.deepEqual(fs.readdirSync(elsewhere), [toHex(bytesOf("name"))]);
	await store.withStorage(async (storage) => {
		await storage.remove("linked");
		await assertFails("ERR_PARTITION_MISSING", () => storage.scan("linked"));
	}, FOLLOWING);
	assert.deepEqual(fs.readdirSync(elsewhere), []);
	assert.notInclude(fs.readdirSync(store.directory), "linked");
});

test("where links are followed, those in the place of a blob or of an own file are not", async () => {
	fs.symlinkSync(outside, join(store.directory, "p", "00"));
	await store.withStorage(async (storage) => {
		await assertFails("ERR_BLOB_OPEN_FAILED", () =>
			storage.open("p", Uint8Array.of(0)),
		);
	}, FOLLOWING);
	fs.symlinkSync(outside, join(store.directory, "dualslot.import"));
	await assertFails("ERR_IO", () =>
		store.withStorage(async () => undefined, FOLLOWING),
	);
	assert.equal(fs.readFileSync(outside, "utf8"), "kept");
});

test("two names of one directory are not two partitions, nor is the store's own directory one", async () => {
	fs.symlinkSync("p", join(store.directory, "again"));
	fs.symlinkSync(".", join(store.directory, "store"));
	const inUse = (call: () => Promise<unknown>) =>
		assertFails("ERR_IN_USE", call);
	await store.withStorage(async (storage) => {
		await storage.open("p", "blob");
		await inUse(() => storage.open("again", "blob"));
		await inUse(() => storage.remove("again"));
		await inUse(() => storage.scan("store"));
		await inUse(() => exported(storage));
	}, FOLLOWING);
	await store.withStorage(async (storage) => {
		await storage.open("again", "blob");
		await inUse(() => storage.open("p", "blob"));
	}, FOLLOWING);
});

test("the files of a partition on another disk are made beside where it leads, and never in it", async () => {
	const disk = fs.mkdtempSync("/dev/shm/dualslot-");
	try {
		const target = join(disk, "target");
		fs.mkdirSync(target);
		assert.notEqual(fs.statSync(target).dev, fs.statSync(store.parent).dev);
		fs.symlinkSync(target, join(store.directory, "linked"));
		fs.symlinkSync(outside, `${target}.dualslot.tmp`);
		const names: string[] = [];
		const watcher = fs.watch(target, (_, name) => names.push(String(name)));
		await store.withStorage(async (storage) => {
			const blob = await storage.open("linked", "name");
			await blob.write(0, bytesOf("written"));
			await blob.sync();
		}, FOLLOWING);
		const hexName = toHex(bytesOf("name"));
		await store.withStorage(async (storage) => {
			const blob = await storage.open("linked", "name");
			assert.deepEqual(await blob.read(0, 7), bytesOf("written"));
		}, FOLLOWING);
		watcher.close();
		assert.deepEqual([...new Set(names)], [hexName]);
		assert.deepEqual(fs.readdirSync(disk), ["target"]);
		assert.equal(fs.readFileSync(outside, "utf8"), "kept");
	} finally {
		fs.rmSync(disk, { recursive: true });
	}
});

test("a store's own directory may be a link", async () => {
	const link = join(store.parent, "link");
	fs.symlinkSync(store.directory, link);
	const storage = await openStorage(link);
	assert.lengthOf(await storage.scan("p"), 1);
	await storage.close();
	await store.assertKept();
});

test.each(["yes", true, null])("%j is no way to treat links", async (links) => {
	const failure = await failureOf(() =>
		Reflect.apply(openStorage, undefined, [store.directory, { links }]),
	);
	assert.instanceOf(failure, TypeError);
});

/** Makes a directory beside the store, to which a name in it leads. */
function directoryBeside(name: string, linkName: string): string {
	const path = join(store.parent, name);
	fs.mkdirSync(path);
	fs.symlinkSync(path, join(store.directory, linkName));
	return path;
}

async function assertRefused(call: () => Promise<unknown>): Promise<void> {
	const { message, place } = await assertFails("ERR_PARTITION_CORRUPT", call);
	assert.include(message, "linked is a symbolic link");
	assert.include(place, { partition: "linked" });
}

async function exportOf(kept: KeptStore): Promise<Uint8Array> {
	let archive = new Uint8Array();
	await kept.withStorage(async (storage) => {
		archive = await exported(storage);
	});
	return archive;
}
