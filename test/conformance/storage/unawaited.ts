import { assert } from "chai";
import type { Host } from "../../../src/host/host.ts";
import { InterceptedHost } from "../../support/hosts/intercepted-host.ts";
import { assertSame, bytesOf, filled } from "../../support/runs/bytes.ts";
import {
	assertFails,
	DISK_FULL,
	KERNEL_ERROR,
} from "../../support/runs/failure.ts";
import { hostTest, type Suite, withStorage } from "../../support/runs/suite.ts";
import { exported, withImported } from "../../support/stores/archives.ts";
import { HANDLE, OWNED_KINDS } from "../../support/stores/owned-kinds.ts";

const PATH = "partition/6e616d65";

/** More than fit the smallest write buffer. */
const MANY = 30;

export function unawaitedRows(suite: Suite): void {
	const test = hostTest(suite);

	for (const kind of [...OWNED_KINDS, HANDLE]) {
		test(`an export has what was appended to ${kind.what} before it and not awaited`, (host) =>
			withStorage(writingLate(host), async (storage) => {
				const owned = await kind.open(storage);
				const appended = Array.from({ length: MANY }, () => owned.append());
				const archive = await exported(storage);
				await Promise.all(appended);
				await withImported(archive, async (other) => {
					const copy = await kind.open(other);
					assert.equal(await copy.size(), MANY * kind.recordSize);
				});
			}));
	}

	test("a write that is called after a resize to fewer bytes, neither awaited, is found by the sync", async (host) =>
		withStorage(host, async (storage) => {
			const blob = await storage.open("partition", "name");
			await blob.write(0, filled(20, 1));
			const called = [blob.resize(0), blob.write(0, filled(30, 2))];
			await blob.sync();
			await Promise.all(called);
			assertSame(await blob.read(0, blob.size), filled(30, 2));
		}));

	for (const end of ["sync", "close"] as const) {
		test(`a ${end} of a blob begins when the writes and resizes that were called before it have ended`, async (host) => {
			const calls: string[] = [];
			const hooked = new InterceptedHost(host, {
				write: async (path, _, call) => {
					await new Promise((resolve) => setTimeout(resolve));
					await call();
					calls.push(path === PATH ? "write" : "");
				},
				truncate: async (_path, _size, call) => {
					await new Promise((resolve) => setTimeout(resolve));
					await call();
					calls.push("truncate");
				},
				sync: (path, call) => {
					calls.push(path === PATH ? "sync" : "");
					return call();
				},
			});
			await withStorage(hooked, async (storage) => {
				const blob = await storage.open("partition", "name");
				calls.length = 0;
				const written = blob.write(0, bytesOf("one"));
				const resized = blob.resize(100);
				await blob[end]();
				assert.deepEqual([...calls].sort(), ["sync", "truncate", "write"]);
				assert.equal(calls.at(-1), "sync");
				await Promise.all([written, resized]);
			});
		});

		test(`a ${end} of a blob rejects with the error of a write that was called before it by another handle`, async (host) => {
			const hooked = new InterceptedHost(host);
			await withStorage(hooked, async (storage) => {
				const blob = await storage.open("partition", "name");
				const other = await storage.open("partition", "name");
				failNextWrite(hooked, KERNEL_ERROR);
				const ended = Promise.allSettled([other.write(0, filled(8, 1))]);
				const error = await assertFails("ERR_WRITE_FAILED", () => blob[end]());
				assert.equal(error.cause, KERNEL_ERROR);
				await ended;
			});
		});
	}

	test("a sync of a blob goes on after the one that told of a full disk", async (host) => {
		const hooked = new InterceptedHost(host);
		await withStorage(hooked, async (storage) => {
			const blob = await storage.open("partition", "name");
			failNextWrite(hooked, DISK_FULL);
			const ended = Promise.allSettled([blob.write(0, filled(8, 1))]);
			const error = await assertFails("ERR_NO_SPACE", () => blob.sync());
			assert.equal(error.cause, DISK_FULL);
			await ended;
			await blob.write(0, bytesOf("two"));
			await blob.sync();
			assert.equal(blob.size, 3);
		});
	});
}

/**
 * A host that writes in a later turn of the event loop: without waiting, a caller finds less in the
 * file.
 */
function writingLate(host: Host): Host {
	return new InterceptedHost(host, {
		write: async (_path, _bytes, call) => {
			await new Promise((resolve) => setTimeout(resolve));
			await call();
		},
	});
}

function failNextWrite(host: InterceptedHost, error: Error): void {
	let isNext = true;
	host.hooks.write = (path, _, call) => {
		if (isNext && path === PATH) {
			isNext = false;
			throw error;
		}
		return call();
	};
}
