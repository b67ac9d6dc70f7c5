import { assert } from "chai";
import { FRAME_SIZE } from "../../assembly/format.ts";
import type { Host } from "../../src/host/host.ts";
import { PackedStore } from "../../src/packed/packed-store.ts";
import { PageCache } from "../../src/paged/cache.ts";
import { PagedBlob } from "../../src/paged/paged-blob.ts";
import { Storage } from "../../src/storage/storage.ts";
import { imageOf, readRaw } from "../support/hosts/raw-file.ts";
import { assertSame, bytesOf, textOf } from "../support/runs/bytes.ts";
import { assertFails } from "../support/runs/failure.ts";
import type { Test } from "../support/runs/suite.ts";
import { storeTest } from "./own-store.ts";

const OPTIONS = { frames: 2 };
const GUID = new Uint8Array(16);

/** A Web Lock that another script of the origin has stolen, as any may. */
export function ownerLostRows(test: Test): void {
	const onStore = storeTest(test);

	onStore(
		"a store whose lock is stolen changes nothing any more, and says ERR_OWNER_LOST until it is closed and opened again",
		async (host, store) => {
			const storage = await Storage.open(host);
			const paged = await openBlob(storage, "kept");
			await paged.append(bytesOf("kept"));
			await paged.sync();
			const before = await imageOf(host);
			const giveBack = await steal(`dualslot:store:${store}`, host);
			for (const change of changesOf(storage, paged)) {
				await assertFails("ERR_OWNER_LOST", change);
			}
			assert.equal(textOf(await paged.read(0, 4)), "kept");
			await assertFails("ERR_OWNER_LOST", () => storage.close());
			assert.deepEqual(await imageOf(host), before);
			await giveBack();
			await assertOpensWith(host, "kept");
		},
	);

	for (const file of ["store.lock", "manifest.log"]) {
		onStore(
			`a packed store whose lock of ${file} is stolen keeps what it flushed, and changes nothing any more`,
			async (host, store) => {
				const packed = await PackedStore.open(host, OPTIONS);
				await packed.write(GUID, frameOf(1));
				await packed.flush();
				const before = await readRaw(host, "manifest.log");
				const giveBack = await steal(`dualslot:store:${store}/${file}`, host);
				for (const change of [
					() => packed.write(GUID, frameOf(2)),
					() => packed.flush(),
					() => packed.delete(GUID),
					() => packed.close(),
				]) {
					await assertFails("ERR_OWNER_LOST", change);
				}
				assertSame(await readRaw(host, "manifest.log"), before);
				await giveBack();
				const again = await PackedStore.open(host, OPTIONS);
				const found = new Uint8Array(FRAME_SIZE);
				await again.read(GUID, found);
				assertSame(found, frameOf(1));
				await again.close();
			},
		);
	}
}

function frameOf(value: number): Uint8Array {
	return new Uint8Array(FRAME_SIZE).fill(value);
}

function changesOf(
	storage: Storage,
	paged: PagedBlob,
): readonly (() => Promise<unknown>)[] {
	return [
		async () => {
			await paged.append(bytesOf("lost"));
			await paged.sync();
		},
		() => paged.sync(),
		() => openBlob(storage, "new"),
		() => storage.remove("partition", bytesOf("kept")),
		() => storage.remove("partition"),
	];
}

async function assertOpensWith(host: Host, text: string): Promise<void> {
	const storage = await Storage.open(host);
	assert.isTrue(storage.recovery.foundCrash);
	const paged = await openBlob(storage, "kept");
	assert.equal(textOf(await paged.read(0, paged.size)), text);
	await storage.close();
}

async function openBlob(storage: Storage, name: string): Promise<PagedBlob> {
	const cache = new PageCache(storage, { pageSize: 103, pages: 1 });
	const raw = await storage.open("partition", bytesOf(name));
	return PagedBlob.open(raw, { cache });
}

/** Takes a lock from a store's owner; the answer gives it back. Resolves when the owner was told. */
async function steal(name: string, host: Host): Promise<() => Promise<void>> {
	let giveBack: (() => Promise<void>) | undefined;
	await new Promise<void>((taken, reject) => {
		const held = navigator.locks.request(name, { steal: true }, () => {
			taken();
			return new Promise<void>((release) => {
				giveBack = async () => {
					release();
					await held;
				};
			});
		});
		held.catch(reject);
	});
	assert(giveBack !== undefined);
	await refused(host);
	return giveBack;
}

/** The browser tells in a task of its own: so many are waited for, each of some milliseconds. */
const TURNS = 500;

async function refused(host: Host): Promise<void> {
	for (let turn = 0; turn < TURNS; turn += 1) {
		try {
			await host.syncDirectory("");
		} catch {
			return;
		}
		await new Promise((resolve) => setTimeout(resolve, 10));
	}
	assert.fail("the holder of a stolen lock goes on");
}
