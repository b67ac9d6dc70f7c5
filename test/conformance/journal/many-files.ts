import { assert } from "chai";
import type { StorageError } from "../../../src/errors.ts";
import type { InterceptedHost } from "../../support/hosts/intercepted-host.ts";
import { assertSame } from "../../support/runs/bytes.ts";
import { assertFails, KERNEL_ERROR } from "../../support/runs/failure.ts";
import type { Suite } from "../../support/runs/suite.ts";
import { journalTest, numbered } from "../../support/stores/journal-store.ts";

const SECTIONS = [1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n];

/** A system that lets a process open no further file. */
export function manyFileRows(suite: Suite): void {
	const test = journalTest(suite);

	for (const code of ["EMFILE", "ENFILE"]) {
		test(`where a system opens no more files (${code}), an idle section is closed for one that is needed`, async (store) => {
			const journal = await store.fixed();
			allowFiles(store.host, 3, code);
			for (const section of SECTIONS) {
				await journal.append(section, numbered(Number(section)));
			}
			await journal.syncAll();
			for (const section of SECTIONS) {
				assertSame(await journal.get(section, 0), numbered(Number(section)));
			}
		});
	}

	test("where a system opens no more files, a pair's two are opened all the same", async (store) => {
		const journal = await store.oversized();
		allowFiles(store.host, 3);
		for (const section of SECTIONS) {
			await journal.append(section, new Uint8Array(20), numbered(1));
		}
		await journal.syncAll();
		assert.deepEqual(journal.sections(), SECTIONS);
	});

	test("where a system opens no more files, an idle section of another journal is closed, and one for a blob's handle", async (store) => {
		const journal = await store.fixed();
		for (const section of SECTIONS.slice(0, 4)) {
			await journal.append(section, numbered(Number(section)));
		}
		allowFiles(store.host, 0);
		const glob = await store.glob();
		const place = await glob.append(1n, numbered(7));
		const blob = await store.storage.open("raw", "blob");
		assertSame(await glob.get(1n, place.offset, place.size), numbered(7));
		assertSame(await journal.get(2n, 0), numbered(2));
		await blob.close();
	});

	const told: StorageError[] = [];
	test(
		"where a system opens no more files, and another journal's idle section cannot be closed, onError is told, and the open fails by itself",
		async (store) => {
			const journal = await store.fixed();
			await journal.append(1n, numbered(1));
			await journal.syncAll();
			allowFiles(store.host, 0);
			store.host.hooks.close = async (_path, call) => {
				await call();
				throw KERNEL_ERROR;
			};
			const error = await assertFails("ERR_BLOB_OPEN_FAILED", () =>
				store.storage.open("raw", "blob"),
			);
			assert.deepInclude(error.cause, { code: "EMFILE" });
			store.host.hooks = {};
			assert.lengthOf(told, 1);
			assert.equal(told[0]?.cause, KERNEL_ERROR);
		},
		{ onError: (error) => told.push(error) },
	);

	test(
		"where a system opens no more files, and the journal's own idle section cannot be closed, onError is told, and the append fails by itself",
		async (store) => {
			const journal = await store.fixed();
			await journal.append(1n, numbered(1));
			await journal.syncAll();
			allowFiles(store.host, 0);
			store.host.hooks.close = async (_path, call) => {
				await call();
				throw KERNEL_ERROR;
			};
			const error = await assertFails("ERR_BLOB_OPEN_FAILED", () =>
				journal.append(2n, numbered(2)),
			);
			assert.deepInclude(error.cause, { code: "EMFILE" });
			store.host.hooks = {};
			assert.deepInclude(told.at(-1)?.cause, KERNEL_ERROR);
		},
		{ onError: (error) => told.push(error) },
	);

	test("where a system opens no more files, and none is idle, that is told", async (store) => {
		const journal = await store.fixed();
		allowFiles(store.host, 0);
		const error = await assertFails("ERR_BLOB_OPEN_FAILED", () =>
			journal.append(1n, numbered(1)),
		);
		assert.deepInclude(error.cause, { code: "EMFILE" });
		store.host.hooks = {};
		await journal.append(1n, numbered(1));
	});
}

/** From now on only so many further files can be open. */
function allowFiles(
	host: InterceptedHost,
	most: number,
	code = "EMFILE",
): void {
	let open = 0;
	host.hooks.open = async (_path, _mode, call) => {
		if (open >= most) {
			throw Object.assign(new Error("too many open files"), { code });
		}
		const file = await call();
		open += file === undefined ? 0 : 1;
		return file;
	};
	host.hooks.close = async (_path, call) => {
		await call();
		open -= 1;
	};
}
