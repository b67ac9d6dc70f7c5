import fs from "node:fs";
import { join } from "node:path";
import { assert } from "chai";
import { afterEach, beforeEach, test } from "vitest";
import { openPackedStore } from "../../hosts/node.ts";
import { exported } from "../support/archives.ts";
import { assertFails, failureOf } from "../support/failure.ts";
import { KeptStore } from "../support/kept-store.ts";

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

test("a partition that is a link is refused by who opens, scans and exports it", async () => {
	const elsewhere = join(store.parent, "elsewhere");
	fs.mkdirSync(elsewhere);
	fs.symlinkSync(elsewhere, join(store.directory, "linked"));
	await store.withStorage(async (storage) => {
		for (const call of [
			() => storage.open("linked", "name"),
			() => storage.scan("linked"),
		]) {
			assert.match(String(await failureOf(call)), /link is refused/);
		}
		const error = await assertFails("ERR_PARTITION_CORRUPT", () =>
			exported(storage),
		);
		assert.include(error.place, { partition: "linked" });
	});
	assert.isEmpty(fs.readdirSync(elsewhere));
});
