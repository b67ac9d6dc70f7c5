import { assert } from "chai";
import { PageCache } from "../../../src/paged/cache.ts";
import { PagedBlob } from "../../../src/paged/paged-blob.ts";
import { Storage } from "../../../src/storage/storage.ts";
import { exportTo, importFrom } from "../../../src/transfer/index.ts";
import type { Awaitable } from "../../../src/turns/awaitable.ts";
import { InterceptedHost } from "../../support/hosts/intercepted-host.ts";
import {
	ofOtherRealm,
	standingFor,
} from "../../support/package/other-realm.ts";
import { assertSame, bytesOf, pattern } from "../../support/runs/bytes.ts";
import { assertFails, failureOf } from "../../support/runs/failure.ts";
import {
	hostTest,
	inMemory,
	type Suite,
	storageTest,
	withStorage,
} from "../../support/runs/suite.ts";

/** Values of other realms' classes, from test runners, frames and contexts. */
export function realmRows(suite: Suite): void {
	const test = storageTest(suite);
	const onHost = hostTest(suite);

	test("bytes of another realm name a blob, and are written and appended to it", async (storage) => {
		const name = ofOtherRealm(bytesOf("blob"));
		const raw = await storage.open("partition", name);
		await raw.write(0, ofOtherRealm(bytesOf("raw")));
		await raw.resize(0);
		const cache = new PageCache(storage, { pageSize: 103, pages: 1 });
		const paged = await PagedBlob.open(raw, { cache });
		await paged.append(ofOtherRealm(pattern(300)));
		await paged.sync();
		assertSame(await paged.read(0, 300), pattern(300));
	});

	onHost(
		"a write for which an error of another realm tells no room is undone",
		async (host) => {
			const intercepted = new InterceptedHost(host);
			await withStorage(intercepted, async (storage) => {
				const blob = await storage.open("partition", "blob");
				intercepted.hooks = {
					write: () => {
						intercepted.hooks = {};
						throw ofOtherRealm(
							Object.assign(new Error("no room"), { code: "ENOSPC" }),
						);
					},
				};
				assert.match(
					String(await failureOf(() => blob.write(0, bytesOf("a")))),
					/no room/,
				);
				await blob.write(0, bytesOf("b"));
				await blob.sync();
			});
		},
	);

	onHost(
		"what a host answers by a promise of another realm is waited for",
		async (host) => {
			const intercepted = new InterceptedHost(host, {
				read: later,
				sync: later,
			});
			await withStorage(intercepted, async (storage) => {
				const blob = await storage.open("partition", "blob");
				await blob.write(0, bytesOf("bytes"));
				await blob.sync();
				assertSame(await blob.read(0, 5), bytesOf("bytes"));
			});
		},
	);

	onHost("a signal of another realm ends the wait for a lock", async (host) => {
		await withStorage(host, async () => {
			const wait = standingFor(AbortSignal.abort("enough"));
			const error = await assertFails("ERR_LOCKED", () =>
				Storage.open(host, { wait }),
			);
			assert.equal(error.cause, "enough");
		});
	});

	test("streams of another realm are exported to, and imported from", async (storage) => {
		const blob = await storage.open("partition", "blob");
		await blob.write(0, bytesOf("bytes"));
		const { readable, writable } = new TransformStream<
			Uint8Array,
			Uint8Array
		>();
		await withStorage(inMemory().host, async (target) => {
			const importing = importFrom(target, standingFor(readable));
			await exportTo(storage, standingFor(writable));
			await importing;
			const copy = await target.open("partition", "blob");
			assertSame(await copy.read(0, 5), bytesOf("bytes"));
		});
	});
}

function later<T>(_path: string, call: () => Awaitable<T>): Promise<T> {
	return ofOtherRealm(Promise.resolve(call()));
}
