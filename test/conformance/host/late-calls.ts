import { assert } from "chai";
import type { Host, HostFile } from "../../../src/host/host.ts";
import type { Awaitable } from "../../../src/turns/awaitable.ts";
import {
	type FileMode,
	opened,
	readRaw,
	withFile,
} from "../../support/hosts/raw-file.ts";
import { assertSame, bytesOf, filled } from "../../support/runs/bytes.ts";
import { failureOf } from "../../support/runs/failure.ts";
import { content, type StoreTest, textIn } from "./text-files.ts";

/** The unit of direct I/O, and its alignment in memory. */
const BLOCK = 4096;
const MODES = ["read", "write", "create", "replace", "direct"] as const;

export function lateCallRows(test: StoreTest): void {
	for (const mode of MODES) {
		const onFile = (name: string, body: Parameters<StoreTest>[1]) =>
			test(`${mode}: ${name}`, async (host) => {
				if (mode !== "direct" || host.capabilities.directIO) {
					await body(host);
				}
			});
		closedRows(onFile, mode);
	}
	underWayRows(test);
	lockRows(test);
}

function closedRows(test: StoreTest, mode: FileMode): void {
	test("a call that comes after the close is EBADF, and reaches no file that was opened since", async (host) => {
		await host.makeDirectory("");
		const late = await openFilled(host, "late", mode);
		await late.close();
		const before = await readRaw(host, "late");
		await withFile(host, "other", "create", async (other) => {
			await other.write([filled(BLOCK, 2)], 0);
			await assertAllRefused(late);
			assertSame(await readRaw(host, "other"), filled(BLOCK, 2));
		});
		assertSame(await readRaw(host, "late"), before);
	});
	test("a call that comes while the file is closed is EBADF", async (host) => {
		const late = await openFilled(host, "late", mode);
		const closed = late.close();
		await assertAllRefused(late);
		await closed;
	});
	test("a second close closes no file that was opened since", async (host) => {
		const late = await openFilled(host, "late", mode);
		await late.close();
		await withFile(host, "late", "write", async (again) => {
			await withFile(host, "other", "replace", async (other) => {
				await late.close();
				await other.write([bytesOf("other")], 0);
				await again.write([bytesOf("again")], 0);
				await late.close();
				await other.sync();
				await again.sync();
				assert.equal(await textIn(other), "other");
			});
		});
		assert.equal((await content(host, "late")).slice(0, 5), "again");
	});
	test("closes at the same time are one", async (host) => {
		const late = await openFilled(host, "late", mode);
		await Promise.all([late.sync(), late.close(), late.close()]);
		assert.equal((await readRaw(host, "late")).length, sizeAfter(mode));
	});
}

function underWayRows(test: StoreTest): void {
	for (const mode of ["write", "direct"] as const) {
		test(`${mode}: calls that are under way when the file is closed come to their end`, async (host) => {
			if (mode === "direct" && !host.capabilities.directIO) {
				return;
			}
			const file = await openFilled(host, "file", mode);
			const parts = [1, 2, 3, 4].map(blockOf);
			const target = blockOf(0);
			const [, found] = await Promise.all([
				file.write(parts, BLOCK),
				file.read([target], 0),
				file.allocate(6 * BLOCK),
				file.sync(),
				file.close(),
			]);
			assert.equal(found, BLOCK);
			assertSame(target, filled(BLOCK, 1));
			const expected = [1, 1, 2, 3, 4, 0].map((value) => filled(BLOCK, value));
			const held = await readRaw(host, "file");
			for (const [index, block] of expected.entries()) {
				assertSame(held.slice(index * BLOCK, (index + 1) * BLOCK), block);
			}
			assert.equal(held.length, 6 * BLOCK);
		});
	}
}

function lockRows(test: StoreTest): void {
	for (const path of [undefined, "file"]) {
		test(`a lock of ${path ?? "the store"} that is released again leaves the next holder's, and every file`, async (host) => {
			const first = await host.lock(path);
			await first?.release();
			const second = await host.lock(path);
			await withFile(host, "other", "create", async (other) => {
				await first?.release();
				await other.write([bytesOf("other")], 0);
				assert.equal(await textIn(other), "other");
			});
			assert.isUndefined(await host.lock(path));
			await Promise.all([second?.release(), second?.release()]);
			const third = await host.lock(path);
			assert.isDefined(third);
			await third?.release();
		});
	}
}

/** A file that had one block of ones before it was opened. */
async function openFilled(
	host: Host,
	path: string,
	mode: FileMode,
): Promise<HostFile> {
	await withFile(host, path, "replace", (file) =>
		file.write([filled(BLOCK, 1)], 0),
	);
	return opened(host, path, mode);
}

function sizeAfter(mode: FileMode): number {
	return mode === "replace" ? 0 : BLOCK;
}

async function assertAllRefused(file: HostFile): Promise<void> {
	const calls: readonly (() => Awaitable<unknown>)[] = [
		() => file.size(),
		() => file.read([blockOf(0)], 0),
		() => file.read([new Uint8Array()], 0),
		() => file.read([blockOf(0), blockOf(0)], 0),
		() => file.write([blockOf(9)], 0),
		() => file.write([], 0),
		() => file.write([blockOf(9)], 0, { synced: true }),
		() => file.truncate(0),
		() => file.allocate(4 * BLOCK),
		() => file.sync(),
	];
	for (const call of calls) {
		assert.propertyVal(await failureOf(call), "code", "EBADF");
	}
}

/** Linear memory begins at an aligned address. */
function blockOf(value: number): Uint8Array<ArrayBuffer> {
	const { buffer } = new WebAssembly.Memory({ initial: 1 });
	return new Uint8Array(buffer, 0, BLOCK).fill(value);
}
