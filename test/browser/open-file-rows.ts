import { assert } from "chai";
import { REMOVED_DIRECTORY } from "../../hosts/opfs/removed.ts";
import { opfsHost } from "../../hosts/opfs.ts";
import {
	bytesIn,
	opened,
	readRaw,
	writeRaw,
} from "../support/hosts/raw-file.ts";
import { bytesOf, textOf } from "../support/runs/bytes.ts";
import { failureOf } from "../support/runs/failure.ts";
import type { Test } from "../support/runs/suite.ts";
import { type Hook, hooked } from "./hooked.ts";
import { fileOf } from "./origin.ts";
import { fileWith, removedNames, storeTest } from "./own-store.ts";

/** What the host does so that files which browsers only know closed can be removed and renamed while they are open. */
export function openFileRows(test: Test): void {
	sharingRows(test);
	removalRows(test);
	renamingRows(test);
}

function sharingRows(test: Test): void {
	const onStore = storeTest(test);

	onStore(
		"a file has one access handle, however often and by whichever host it is open",
		async (host, store) => {
			let made = 0;
			const count: Hook = (call) => {
				made += 1;
				return call();
			};
			await hooked("createSyncAccessHandle", count, async () => {
				const files = await Promise.all([
					opened(host, "file", "replace"),
					opened(host, "file", "read"),
					opened(opfsHost(store), "file", "write"),
				]);
				await files[2].write([bytesOf("shared")], 0);
				for (const file of files) {
					assert.equal(textOf(await bytesIn(file)), "shared");
					await file.close();
				}
			});
			assert.equal(made, 1);
		},
	);

	onStore(
		"a file that is open elsewhere is opened as soon as it is free",
		async (host, store) => {
			await writeRaw(host, "file", bytesOf("held"));
			const file = await fileOf(`${store}/file`);
			const elsewhere = await file.createSyncAccessHandle();
			const closeWhenRefused: Hook = (call) =>
				call().finally(() => elsewhere.close());
			await hooked("createSyncAccessHandle", closeWhenRefused, async () => {
				assert.equal(textOf(await readRaw(host, "file")), "held");
			});
		},
	);

	onStore(
		"a file that stays open elsewhere is refused as the browser refuses it",
		async (host, store) => {
			await writeRaw(host, "file", bytesOf("held"));
			const file = await fileOf(`${store}/file`);
			const elsewhere = await file.createSyncAccessHandle();
			for (const call of [
				() => host.open("file", "read"),
				() => host.remove("file"),
				() => host.rename("file", "new"),
			]) {
				const error = await failureOf(call);
				assert.propertyVal(error, "name", "NoModificationAllowedError");
			}
			elsewhere.close();
			assert.equal(textOf(await readRaw(host, "file")), "held");
		},
	);
}

function removalRows(test: Test): void {
	const onStore = storeTest(test);

	onStore(
		"a removed file that is open lies beside every store, and goes with its last handle",
		async (host) => {
			const first = await fileWith(host, "file", "held");
			const second = await opened(host, "file", "read");
			await host.remove("file");
			await first.close();
			assert.lengthOf(await removedNames(), 1);
			assert.equal(textOf(await bytesIn(second)), "held");
			await second.close();
			assert.deepEqual(await removedNames(), []);
		},
	);

	onStore(
		"what is asked of a file while it is removed is done in its order, as it was asked",
		async (host) => {
			const file = await fileWith(host, "file", "before");
			const part = bytesOf("written");
			const target = new Uint8Array(7);
			let asked: unknown[] = [];
			const ask: Hook = (call) => {
				asked = [file.write([part], 0), file.read([target], 0), file.close()];
				part.fill(0);
				return call();
			};
			await hooked("move", ask, async () => {
				await host.remove("file");
			});
			assert.isTrue(asked.every((answer) => answer instanceof Promise));
			await Promise.all(asked);
			assert.equal(textOf(target), "written");
		},
	);

	onStore(
		"a file that is closed when its removal has just begun is gone",
		async (host) => {
			const file = await fileWith(host, "file", "held");
			const removal = host.remove("file");
			await file.close();
			assert.isTrue(await removal);
			assert.deepEqual(await host.list(""), []);
		},
	);

	onStore("a removal that fails leaves the file as it was", async (host) => {
		const file = await fileWith(host, "file", "held");
		await hooked("move", refuse, async () => {
			const error = await failureOf(() => host.remove("file"));
			assert.propertyVal(error, "name", "NotAllowedError");
		});
		await file.write([bytesOf("H")], 0);
		await file.close();
		assert.equal(textOf(await readRaw(host, "file")), "Held");
	});

	onStore(
		"taking the lock removes what the dead left beside the stores, and nothing of the living",
		async (host) => {
			await fileOf(`${REMOVED_DIRECTORY}/left`, true);
			const file = await fileWith(host, "file", "held");
			await host.remove("file");
			assert.lengthOf(await removedNames(), 2);
			const lock = await host.lock();
			assert.lengthOf(await removedNames(), 1);
			assert.equal(textOf(await bytesIn(file)), "held");
			await file.close();
			await lock?.release();
		},
	);

	onStore(
		"a lock that is taken while a file is removed leaves it its bytes",
		async (host) => {
			const file = await fileWith(host, "file", "held");
			const takeLock: Hook = async (call) => {
				const lock = await host.lock();
				await lock?.release();
				return call();
			};
			await hooked("createSyncAccessHandle", takeLock, async () => {
				await host.remove("file");
			});
			assert.equal(textOf(await bytesIn(file)), "held");
			await file.close();
		},
	);
}

function renamingRows(test: Test): void {
	const onStore = storeTest(test);

	onStore(
		"a file that is closed while it is renamed lies under its new name",
		async (host) => {
			const file = await fileWith(host, "old", "moved");
			let closed: unknown;
			const close: Hook = (call) => {
				closed = file.close();
				return call();
			};
			await hooked("move", close, async () => {
				await host.rename("old", "new");
			});
			await closed;
			const again = await opened(host, "new", "write");
			await again.write([bytesOf("M")], 0);
			await again.close();
			assert.equal(textOf(await readRaw(host, "new")), "Moved");
		},
	);

	onStore(
		"an open file that replaces another open file is the same, and the other keeps its bytes",
		async (host) => {
			const source = await fileWith(host, "source", "source");
			const target = await fileWith(host, "target", "target");
			await host.rename("source", "target");
			await source.write([bytesOf("SOURCE")], 0);
			await target.write([bytesOf("T")], 0);
			assert.equal(textOf(await bytesIn(target)), "Target");
			assert.equal(textOf(await readRaw(host, "target")), "SOURCE");
			await target.close();
			assert.equal(textOf(await readRaw(host, "target")), "SOURCE");
			await source.close();
			assert.equal(textOf(await readRaw(host, "target")), "SOURCE");
		},
	);

	onStore(
		"a rename that fails leaves both files as they were",
		async (host) => {
			const source = await fileWith(host, "source", "source");
			const target = await fileWith(host, "target", "target");
			await hooked("move", refuse, async () => {
				const error = await failureOf(() => host.rename("source", "target"));
				assert.propertyVal(error, "name", "NotAllowedError");
			});
			await source.write([bytesOf("S")], 0);
			await target.write([bytesOf("T")], 0);
			await source.close();
			await target.close();
			assert.equal(textOf(await readRaw(host, "source")), "Source");
			assert.equal(textOf(await readRaw(host, "target")), "Target");
		},
	);

	onStore(
		"an open file is never missing while another replaces it",
		async (host, store) => {
			const target = await fileWith(host, "target", "old");
			await writeRaw(host, "source", bytesOf("new"));
			const found: string[] = [];
			const look: Hook = async (call) => {
				const file = await (await fileOf(`${store}/target`)).getFile();
				found.push(await file.text());
				return call();
			};
			await hooked("move", look, async () => {
				await host.rename("source", "target");
			});
			assert.deepEqual(found, ["old"]);
			assert.equal(textOf(await readRaw(host, "target")), "new");
			await target.close();
		},
	);
}

const refuse: Hook = async () => {
	throw new DOMException("refused by the test", "NotAllowedError");
};
