import { assert } from "chai";
import type { Host } from "../../../src/host/host.ts";
import { PageCache } from "../../../src/paged/cache.ts";
import { PagedBlob } from "../../../src/paged/paged-blob.ts";
import { Storage } from "../../../src/storage/storage.ts";
import { imageOf, writeRaw } from "../../support/hosts/raw-file.ts";
import { bytesOf, fromHex, textOf } from "../../support/runs/bytes.ts";
import { assertFails } from "../../support/runs/failure.ts";
import { hostTest, type Suite, withStorage } from "../../support/runs/suite.ts";

const READ_ONLY = { readOnly: true } as const;

export function readOnlyRows(suite: Suite): void {
	const onHost = hostTest(suite);

	onHost(
		"a store opened for reading reads everything, and changes no byte of the directory",
		async (host) => {
			await prepare(host);
			const before = await imageOf(host);
			await withStorage(host, readEverything, READ_ONLY);
			const storage = await Storage.open(host, READ_ONLY);
			await readEverything(storage);
			await storage.close();
			assert.deepEqual(await imageOf(host), before);
		},
	);

	onHost("a store opened for reading refuses every mutation", async (host) => {
		await prepare(host);
		const before = await imageOf(host);
		await withStorage(
			host,
			async (storage) => {
				const blob = await storage.open("partition", "name");
				const paged = await openPaged(storage);
				for (const call of [
					() => storage.remove("partition"),
					() => storage.remove("partition", "name"),
					() => blob.write(0, bytesOf("new")),
					() => blob.write(0, new Uint8Array()),
					() => blob.writeSync(0, bytesOf("new")),
					() => blob.resize(0),
					() => blob.sync(),
					() => paged.append(bytesOf("new")),
					() => paged.sync(),
					() => paged.resize(0),
				]) {
					await assertFails("ERR_READ_ONLY", call);
				}
				await paged.close();
				await blob.close();
			},
			READ_ONLY,
		);
		assert.deepEqual(await imageOf(host), before);
	});

	onHost(
		"a store opened for reading makes neither a blob nor a partition nor itself",
		async (host) => {
			await assertFails("ERR_IO", () => Storage.open(host, READ_ONLY));
			assert.isUndefined(await host.list(""));
			await prepare(host);
			const before = await imageOf(host);
			await withStorage(
				host,
				async (storage) => {
					const blob = await assertFails("ERR_BLOB_MISSING", () =>
						storage.open("partition", "missing"),
					);
					assert.equal(blob.message, "blob missing: partition/6d697373696e67");
					await assertFails("ERR_BLOB_MISSING", () =>
						storage.open("missing", "missing"),
					);
				},
				READ_ONLY,
			);
			assert.deepEqual(await imageOf(host), before);
		},
	);

	onHost(
		"a torn creation reads as an empty blob in a store opened for reading",
		async (host) => {
			await writeRaw(host, "partition/6e616d65", fromHex("43574943"));
			await withStorage(
				host,
				async (storage) => {
					const blob = await storage.open("partition", "name");
					assert.equal(blob.size, 0);
					assert.lengthOf(await blob.read(0, 0), 0);
					await assertFails("ERR_BLOB_INSUFFICIENT_LENGTH", () =>
						blob.read(0, 1),
					);
				},
				READ_ONLY,
			);
		},
	);

	onHost("a store is read beside its writer", async (host) => {
		await withStorage(host, async (writer) => {
			const blob = await writer.open("partition", "name");
			await blob.write(0, bytesOf("live"));
			await withStorage(
				host,
				async (reader) => {
					const seen = await reader.open("partition", "name");
					assert.equal(textOf(await seen.read(0, 4)), "live");
				},
				READ_ONLY,
			);
			await blob.write(4, bytesOf("!"));
		});
	});
}

/** A store with a blob, a paged blob with a torn tail, and a crash's marker. */
async function prepare(host: Host): Promise<void> {
	await withStorage(host, async (storage) => {
		const blob = await storage.open("partition", "name");
		await blob.write(0, bytesOf("hello"));
		await blob.close();
		const paged = await openPaged(storage);
		await paged.append(bytesOf("appended"));
		await paged.close();
		const torn = await storage.open("pages", "name");
		await torn.write(torn.size, bytesOf("torn"));
		await torn.close();
	});
}

async function readEverything(storage: Storage): Promise<void> {
	assert.isTrue(storage.readOnly);
	const blob = await storage.open("partition", "name");
	assert.equal(textOf(await blob.read(0, 5)), "hello");
	assert.lengthOf(await storage.scan("partition"), 1);
	const paged = await openPaged(storage);
	assert.include(paged.recovery, { cut: "torn-tail", bytesCut: 4, size: 8 });
	assert.equal(textOf(await paged.read(0, 8)), "appended");
	const replay = paged.replay();
	assert.isTrue(await replay.ensure(8));
	assert.equal(textOf(replay.chunk), "appended");
	for await (const { verdict } of paged.pages()) {
		assert.equal(verdict, "partial");
	}
}

async function openPaged(storage: Storage): Promise<PagedBlob> {
	const cache = new PageCache(storage, { pageSize: 64, pages: 2 });
	const blob = await storage.open("pages", "name");
	return PagedBlob.open(blob, { cache });
}
