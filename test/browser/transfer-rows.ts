import { assert } from "chai";
import type { AccessHandle } from "../../hosts/opfs/platform.ts";
import { opened } from "../support/hosts/raw-file.ts";
import { bytesOf, textOf } from "../support/runs/bytes.ts";
import { failureOf } from "../support/runs/failure.ts";
import type { Test } from "../support/runs/suite.ts";
import { storeTest } from "./own-store.ts";

/** How the host in a worker moves bytes. */
export function transferRows(test: Test): void {
	const onStore = storeTest(test);

	onStore(
		"reads, writes, truncations and syncs answer at once",
		async (host) => {
			const file = await opened(host, "file", "replace");
			assert.isUndefined(file.write([bytesOf("written")], 0));
			assert.equal(file.read([new Uint8Array(9)], 0), 7);
			assert.isUndefined(file.truncate(5));
			assert.equal(file.size(), 5);
			assert.isUndefined(file.sync());
			assert.isUndefined(file.close());
		},
	);

	onStore(
		"reads and writes that the browser cuts short are continued",
		async (host) => {
			await withTransfersOf(2, async () => {
				const file = await opened(host, "file", "replace");
				await file.write(["a", "bcd", "", "efghi"].map(bytesOf), 1);
				const found = new Uint8Array(12);
				assert.equal(await file.read([found], 0), 10);
				assert.equal(textOf(found), "\0abcdefghi\0\0");
				await file.close();
			});
		},
	);

	onStore("a write of which the browser takes nothing fails", async (host) => {
		await withTransfersOf(0, async () => {
			const file = await opened(host, "file", "replace");
			const error = await failureOf(() => file.write([bytesOf("a")], 0));
			assert.match(String(error), /took 0 bytes/);
			await file.close();
		});
	});
}

declare const FileSystemSyncAccessHandle: { readonly prototype: AccessHandle };

/** A browser that moves no more than `most` bytes in a call. */
async function withTransfersOf(
	most: number,
	body: () => Promise<void>,
): Promise<void> {
	const { prototype } = FileSystemSyncAccessHandle;
	const { read, write } = prototype;
	prototype.read = function (bytes, options) {
		return read.call(this, bytes.subarray(0, most), options);
	};
	prototype.write = function (bytes, options) {
		return write.call(this, bytes.subarray(0, most), options);
	};
	try {
		await body();
	} finally {
		Object.assign(prototype, { read, write });
	}
}
