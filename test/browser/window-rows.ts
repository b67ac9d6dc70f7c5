import { assert } from "chai";
import { Connection } from "../../hosts/opfs/connection.ts";
import { WindowHost } from "../../hosts/opfs/window.ts";
import { openStorage, opfsHost } from "../../hosts/opfs.ts";
import type { Host } from "../../src/host/host.ts";
import { opened, readRaw, writeRaw } from "../support/hosts/raw-file.ts";
import { bytesOf, textOf } from "../support/runs/bytes.ts";
import { assertFails, failureOf } from "../support/runs/failure.ts";
import { Listening } from "../support/runs/listening.ts";
import type { Test } from "../support/runs/suite.ts";
import { withProperty } from "./hooked.ts";
import { fileWith, storeTest } from "./own-store.ts";
import { echo, startBusy, startInline, startWorker } from "./workers.ts";

/** What a window's host does beyond what all hosts do: its worker, and what can go wrong with that. */
export function windowRows(test: Test): void {
	crossingRows(test);
	servingRows(test);
	failingRows(test);
	endingRows(test);
}

function crossingRows(test: Test): void {
	const onStore = storeTest(test);

	onStore(
		"a write copies its parts before it returns, and gives none of them away",
		async (host) => {
			const file = await opened(host, "file", "replace");
			const part = bytesOf("written");
			const writing = file.write([part.subarray(0, 3), part.subarray(3)], 0);
			part.fill(0);
			await writing;
			assert.lengthOf(part, 7);
			await file.close();
			assert.equal(textOf(await readRaw(host, "file")), "written");
		},
	);

	onStore(
		"what is asked at the same time is done in its order",
		async (host) => {
			const file = await fileWith(host, "file", "first");
			const target = new Uint8Array(6);
			const answers = await Promise.all([
				file.write([bytesOf("second")], 0),
				file.read([target], 0),
				file.truncate(1),
				file.size(),
				file.close(),
			]);
			assert.deepEqual(answers, [undefined, 6, undefined, 1, undefined]);
			assert.equal(textOf(target), "second");
		},
	);

	onStore(
		"an error of the worker comes with its name, its message and its code",
		async (host) => {
			const error = await failureOf(() => host.rename("missing", "new"));
			assert.instanceOf(error, Error);
			assert.propertyVal(error, "name", "NotFoundError");
			assert.propertyVal(error, "code", DOMException.NOT_FOUND_ERR);
			assert.match(error.message, /could not be found/);
		},
	);
}

function servingRows(test: Test): void {
	test("a worker of the caller's moves the bytes of many stores", async () => {
		const worker = startWorker();
		await assertMoves(opfsHost("served/a", { worker }));
		await assertMoves(opfsHost("served/b", { worker }));
		worker.terminate();
	});

	test("a worker that has other work moves bytes for the other end of a port", async () => {
		const worker = startBusy();
		const { port1, port2 } = new MessageChannel();
		const moved = assertMoves(opfsHost("served/c", { worker: port1 }));
		await echo(worker, "before");
		worker.postMessage({ serve: port2 }, [port2]);
		await moved;
		await echo(worker, "after");
		worker.terminate();
	});

	test("a worker that serves some stores refuses the others, and every name that is none, whoever asks", async () => {
		const worker = startBusy();
		const { port1, port2 } = new MessageChannel();
		worker.postMessage({ serve: port2, stores: ["served/f"] }, [port2]);
		await assertMoves(opfsHost("served/f", { worker: port1 }));
		const error = await failureOf(() =>
			opfsHost("served/g", { worker: port1 }).list(""),
		);
		assert.propertyVal(error, "code", "EACCES");
		// A script of its own leaves out what opfsHost looks at.
		for (const name of ["", "..", "served/..", ".dualslot-removed"]) {
			const host = new WindowHost(name, () => Connection.to(port1));
			const refused = await failureOf(() => host.list(""));
			assert.match(`${refused}`, /a store's name is/, name);
		}
		const served = opfsHost("served/f", { worker: port1 });
		await served.makeDirectory("");
		await failureOf(() => served.open("../served/g/file", "replace"));
		await served.remove("");
		worker.terminate();
	});

	test("a worker that begins to serve late is asked again", async () => {
		const worker = startBusy();
		await echo(worker, "before");
		const moved = assertMoves(opfsHost("served/d", { worker }));
		await echo(worker, "not serving yet");
		worker.postMessage({ serve: "all" });
		await moved;
		worker.terminate();
	});

	test("a worker that serves says nothing to a window that asks for nothing", async () => {
		const worker = startBusy();
		worker.postMessage({ serve: "all" });
		await assertMoves(opfsHost("served/e", { worker }));
		const said: unknown[] = [];
		worker.addEventListener("message", ({ data }) => {
			if ("dualslot" in data) {
				said.push(data.dualslot);
			}
		});
		for (let count = 0; count < 10; count += 1) {
			await echo(worker, `${count}`);
		}
		assert.deepEqual(said, []);
		worker.terminate();
	});
}

function failingRows(test: Test): void {
	const failing: readonly [string, () => Worker, RegExp][] = [
		[
			"whose script throws",
			() => startInline("throw new Error('broken on purpose')"),
			/did not start: .*broken on purpose/,
		],
		[
			"whose script is not found",
			() => new Worker("/missing.js", { type: "module" }),
			/did not start: its script was not loaded/,
		],
	];
	for (const [what, start, message] of failing) {
		test(`a worker ${what} fails what was asked and what will be`, async () => {
			const worker = start();
			const host = opfsHost("failing", { worker });
			const asked = [host.list(""), host.makeDirectory(""), host.lock()];
			for (const answer of [...asked, host.open("file", "replace")]) {
				assert.match(String(await failureOf(() => answer)), message);
			}
			assert.match(String(await failureOf(() => host.list(""))), message);
			worker.terminate();
		});
	}

	test("a worker that ends is told to the store that has it, before anybody calls", async () => {
		const worker = startWorker();
		const heard = new Listening();
		const options = { worker, ...heard.options };
		const storage = await openStorage("failing/told", options);
		worker.terminate();
		const error = await heard.firstError();
		assert.equal(error.code, "ERR_IO");
		assert.match(error.message, /^failing\/told: the worker .* was lost/);
		assert.lengthOf(heard.errors, 1);
		await storage.drop().catch(() => undefined);
	});

	test("a worker that never serves fails what was asked, when its time is over", async () => {
		const { setTimeout } = globalThis;
		const soon = (callback: () => void) => setTimeout(callback, 0);
		await withProperty(globalThis, "setTimeout", soon, async () => {
			const worker = startBusy();
			const host = opfsHost("failing", { worker });
			const error = await failureOf(() => host.list(""));
			assert.match(String(error), /does it import dualslot\/opfs-worker/);
			worker.terminate();
		});
	});

	test("what a platform lacks where its bytes are moved is ERR_UNSUPPORTED in the window too", async () => {
		const worker = startInline(
			`delete FileSystemFileHandle.prototype.createSyncAccessHandle;
			import("${location.origin}/opfs-worker.js");`,
		);
		await assertFails("ERR_UNSUPPORTED", () =>
			openStorage("failing", { worker }),
		);
		worker.terminate();
	});
}

function endingRows(test: Test): void {
	test("a worker that ends fails what was asked and what will be, and its store is free", async () => {
		const worker = startWorker();
		const host = opfsHost("ending", { worker });
		await host.makeDirectory("");
		const file = await fileWith(host, "file", "held");
		assert.isDefined(await host.lock());
		worker.terminate();
		const asked = [file.read([new Uint8Array(4)], 0), host.list("")];
		for (const answer of [...asked, file.write([bytesOf("a")], 0)]) {
			assert.match(String(await failureOf(() => answer)), /has ended/);
		}
		assert.match(String(await failureOf(() => file.sync())), /has ended/);
		const again = opfsHost("ending");
		const lock = await again.lock();
		assert.isDefined(lock);
		await lock.release();
		assert.equal(textOf(await readRaw(again, "file")), "held");
		await again.remove("");
	});

	test("a store whose worker ends fails with codes, and is found crashed by the next", async () => {
		const worker = startWorker();
		const storage = await openStorage("ending", { worker });
		const blob = await storage.open("partition", "name");
		await blob.writeSync(0, bytesOf("synced"));
		worker.terminate();
		await assertFails("ERR_WRITE_FAILED", () => blob.write(0, bytesOf("lost")));
		await assertFails("ERR_READ_FAILED", () => blob.read(0, 6));
		const error = await failureOf(() => storage.close());
		assert.match(String(Reflect.get(Object(error), "code")), /^ERR_/);
		const again = await openStorage("ending");
		assert.isTrue(again.recovery.foundCrash);
		const found = await again.open("partition", "name");
		assert.equal(textOf(await found.read(0, 6)), "synced");
		await again.close();
		await again.host.remove("");
	});

	test("what a window had is free when it has gone, though the worker goes on", async () => {
		const worker = startBusy();
		const { port1, port2 } = new MessageChannel();
		worker.postMessage({ serve: port2 }, [port2]);
		const frame = await addFrame();
		await frame.contentWindow?.keepOpen("ending", port1);
		await assertFails("ERR_LOCKED", () => openStorage("ending"));
		frame.remove();
		const again = await openStorage("ending", { wait: 60_000 });
		const found = await again.open("partition", "name");
		assert.equal(textOf(await found.read(0, 4)), "held");
		await echo(worker, "still at work");
		await again.close();
		await again.host.remove("");
		worker.terminate();
	});
}

/** Another window of the origin, in which this script runs too. */
async function addFrame(): Promise<HTMLIFrameElement> {
	const frame = document.createElement("iframe");
	const loaded = new Promise((resolve) => {
		frame.onload = resolve;
	});
	frame.src = "/frame/";
	document.documentElement.append(frame);
	await loaded;
	const script = frame.contentDocument?.createElement("script");
	assert.isDefined(script);
	Object.assign(script, { type: "module", src: "/page.js" });
	const run = new Promise((resolve) => {
		script.onload = resolve;
	});
	frame.contentDocument?.documentElement.append(script);
	await run;
	return frame;
}

declare global {
	interface Window {
		/** Opens a store there, writes to it and keeps it open. */
		keepOpen(name: string, worker: MessagePort): Promise<void>;
	}
}

window.keepOpen = async (name, worker) => {
	const storage = await openStorage(name, { worker });
	const blob = await storage.open("partition", "name");
	await blob.writeSync(0, bytesOf("held"));
};

async function assertMoves(host: Host): Promise<void> {
	await writeRaw(host, "directory/file", bytesOf("moved"));
	assert.equal(textOf(await readRaw(host, "directory/file")), "moved");
	assert.isTrue(await host.remove(""));
}
