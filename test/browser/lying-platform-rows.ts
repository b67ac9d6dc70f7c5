import { assert } from "chai";
import { ByteMover } from "../../hosts/opfs/byte-mover.ts";
import { openStorage } from "../../hosts/opfs.ts";
import type { Storage } from "../../src/storage/storage.ts";
import { writeRaw } from "../support/hosts/raw-file.ts";
import { bytesOf, textOf } from "../support/runs/bytes.ts";
import { assertFails, failureOf } from "../support/runs/failure.ts";
import type { Test } from "../support/runs/suite.ts";
import { hooked, withProperty } from "./hooked.ts";
import { storeTest } from "./own-store.ts";

/** What a browser's write answers on a full disk: Firefox's, and Chrome's, which writes nothing either. */
const ANSWERS = [0, 4_294_967_288];

/** What a browser does that its calls do not say. */
export function lyingPlatformRows(test: Test): void {
	storeTest(test)(
		"a file is never moved onto a directory, which Firefox would delete",
		async (host) => {
			await writeRaw(host, "directory/file", bytesOf("held"));
			await writeRaw(host, "source", bytesOf("new"));
			let moves = 0;
			const count = async () => {
				moves += 1;
			};
			await hooked("move", count, async () => {
				const error = await failureOf(() => host.rename("source", "directory"));
				assert.propertyVal(error, "code", "EISDIR");
			});
			assert.equal(moves, 0);
		},
	);

	silentRows(test);
	unclosedRow(test);

	for (const answer of ANSWERS) {
		storeTest(test)(
			`a write that answers ${answer} found no room, acknowledges nothing, and goes on when there is room`,
			async (_, store) => {
				const storage = await openStorage(store);
				const blob = await storage.open("partition", "name");
				await blob.writeSync(0, bytesOf("held"));
				await withWrites(answer, async () => {
					await assertFails("ERR_NO_SPACE", () =>
						blob.write(2, bytesOf("LOST")),
					);
					assert.equal(blob.size, 4);
				});
				await blob.write(4, bytesOf(" on"));
				await storage.close();
				const again = await openStorage(store);
				const found = await again.open("partition", "name");
				assert.equal(textOf(await found.read(0, found.size)), "held on");
				await again.close();
			},
		);
	}
}

/** Each call of the platform that answers later and is made again and again, and the object that has it. */
const PROMISES: readonly (readonly [string, () => object])[] = [
	["getDirectoryHandle", () => FileSystemDirectoryHandle.prototype],
	["getFileHandle", () => FileSystemDirectoryHandle.prototype],
	["removeEntry", () => FileSystemDirectoryHandle.prototype],
	["createSyncAccessHandle", () => FileSystemFileHandle.prototype],
	["move", () => FileSystemFileHandle.prototype],
	["request", () => navigator.locks],
];

/** What a window leaves is let go of by its worker. */
function unclosedRow(test: Test): void {
	storeTest(test)(
		"where a file of a window's does not close, the others close, and its locks are free",
		async (host, store) => {
			const mover = new ByteMover(undefined);
			for (const path of ["first", "second"]) {
				await mover.perform({ call: "open", store, path, mode: "create" });
			}
			await mover.perform({ call: "lock", store, path: "" });
			const failed = new Error("not closed");
			const prototype = accessHandles();
			const original = Reflect.get(prototype, "close");
			const close = function (this: object) {
				Reflect.apply(original, this, []);
				throw failed;
			};
			await withProperty(prototype, "close", close, async () => {
				assert.equal(await failureOf(() => mover.letGo()), failed);
			});
			const lock = await host.lock();
			assert.isDefined(lock);
			await lock.release();
		},
	);
}

/** A platform that does not answer for as long as it likes. */
function silentRows(test: Test): void {
	storeTest(test)(
		"while the browser does not say which locks are held, nobody knows whether a store has an owner",
		async (host) => {
			await withSilent(navigator.locks, "query", async () => {
				assert.equal(await host.lockState(), "unknown");
			});
			assert.equal(await host.lockState(), "free");
		},
	);

	for (const [method, object] of PROMISES) {
		storeTest(test)(
			`while ${method} does not answer, what asks for it fails with a code, and what was acknowledged is found when it does`,
			async (_, store) => {
				const storage = await openStorage(store);
				const blob = await storage.open("partition", "name");
				await blob.writeSync(0, bytesOf("held"));
				await withSilent(object(), method, async () => {
					await settledWithCode(() => storage.open("partition", "other"));
					await settledWithCode(() => storage.remove("partition", "name"));
					await settledWithCode(() => storage.close());
					const failed = await failureOf(() => openStorage(`${store}/new`));
					assert.match(String(Reflect.get(Object(failed), "code")), /^ERR_/);
				});
				const again = await openedInTheEnd(store);
				const found = await again.open("partition", "name");
				assert.include(["", "held"], textOf(await found.read(0, found.size)));
				await again.close();
			},
		);
	}
}

/** What was late is under way until it has ended, and nothing else is begun. */
async function openedInTheEnd(store: string): Promise<Storage> {
	for (;;) {
		try {
			return await openStorage(store, { wait: 30_000 });
		} catch (error) {
			assert.include(String(error), "ETIMEDOUT");
			await new Promise((resolve) => setTimeout(resolve, 10));
		}
	}
}

/** Whether it fails or not, it ends. */
async function settledWithCode(call: () => Promise<unknown>): Promise<void> {
	try {
		await call();
	} catch (error) {
		assert.match(String(Reflect.get(Object(error), "code")), /^ERR_/);
	}
}

/** Runs the body while a method answers nobody, and time goes fast; then it answers all that have asked. */
async function withSilent(
	object: object,
	method: string,
	body: () => Promise<void>,
): Promise<void> {
	const original = Reflect.get(object, method);
	const asked: (() => void)[] = [];
	const silent = function (this: object, ...given: unknown[]) {
		return new Promise((resolve) => {
			asked.push(() => resolve(Reflect.apply(original, this, given)));
		});
	};
	const { setInterval } = globalThis;
	const soon = (call: () => void) => setInterval(call, 3);
	await withProperty(globalThis, "setInterval", soon, () =>
		withProperty(object, method, silent, body),
	);
	for (const answer of asked) {
		answer();
	}
}

/** No byte that would extend a file is taken; what lies on the disk can be written over. */
function withWrites(answer: number, body: () => Promise<void>): Promise<void> {
	const prototype = accessHandles();
	const original = Reflect.get(prototype, "write");
	const write = function (
		this: { getSize(): number },
		bytes: Uint8Array,
		{ at }: { at: number },
	) {
		return at + bytes.length > this.getSize()
			? answer
			: Reflect.apply(original, this, [bytes, { at }]);
	};
	return withProperty(prototype, "write", write, body);
}

function accessHandles(): object {
	return Reflect.get(globalThis, "FileSystemSyncAccessHandle").prototype;
}
