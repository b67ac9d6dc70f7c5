import { assert } from "chai";
import { PagedBlob } from "../../../src/paged/paged-blob.ts";
import { Storage } from "../../../src/storage/storage.ts";
import { ZerosBudget } from "../../../src/storage/zeros-budget.ts";
import { MEMORY, type Suite } from "../../support/runs/suite.ts";
import {
	AHEAD,
	PAGE_SIZE,
	PATH,
	rest,
	syncedPages,
	until,
	zerosAhead,
	zerosTest,
} from "../../support/stores/zeros-store.ts";

const LOOKS = 200;

/** Cuts of zeros ahead while the same file is read, or truncated. */
export function zerosCutBesideRows(suite: Suite): void {
	const onStore = zerosTest(suite);

	onStore(
		"a reader opens a blob whose writer cuts its zeros meanwhile, and finds all of its pages",
		async (store) => {
			await store.begin();
			const paged = await store.paged();
			await syncedPages(paged, 3);
			await until(() => (store.storage.stats().reservedBytes ?? 0) > 0);
			const { size } = paged;
			const reader = await Storage.open(store.host, {
				memory: MEMORY,
				readOnly: true,
			});
			let closing: Promise<void> | undefined;
			store.host.hooks.read = async (path, call) => {
				if (path === PATH && closing === undefined) {
					closing = paged.close();
					await closing;
				}
				return call();
			};
			const seen = await PagedBlob.open(reader, "pages", "blob", {
				pageSize: PAGE_SIZE,
			});
			assert.equal(seen.size, size);
			await reader.close();
		},
	);

	for (const turns of [0, 1, 2, 3, 4, 5, 6, 7]) {
		onStore(
			`a cut of zeros that comes ${turns} turns into a truncation leaves the file no longer than that`,
			async ({ host }) => {
				await host.makeDirectory("");
				const zeros = await zerosAhead(host, "file", new ZerosBudget(AHEAD, 1));
				for (let end = 0; zeros.reserved === 0 && end < LOOKS; end += 1) {
					await zeros.write([new Uint8Array(9).fill(1)], 9 * end);
					await zeros.sync();
					await rest();
				}
				assert.isAbove(zeros.reserved, 0);
				const [first, second] = [0, 1].map(() => rest());
				host.hooks.truncate = async (_path, size, call) => {
					await (size === 1 ? first : second);
					return call();
				};
				const truncation = zeros.truncate(1);
				for (let turn = 0; turn < turns; turn += 1) {
					await undefined;
				}
				await Promise.all([truncation, zeros.cutForOther()]);
				host.hooks = {};
				assert.equal(await zeros.size(), 1);
				await zeros.close();
				const file = await host.open("file", "read");
				assert.equal(await file?.size(), 1);
				await file?.close();
			},
		);
	}
}
