import { FixedJournal } from "../../../src/journal/entries/fixed-journal.ts";
import { PackedStore } from "../../../src/packed/packed-store.ts";
import { PageCache } from "../../../src/paged/cache.ts";
import { Storage } from "../../../src/storage/storage.ts";
import { exportTo, importFrom } from "../../../src/transfer/index.ts";
import { bytesOf, pattern } from "../../support/runs/bytes.ts";
import { assertFails } from "../../support/runs/failure.ts";
import {
	Message,
	untilMessage,
	whileTimeFlies,
} from "../../support/runs/messages.ts";
import {
	hostTest,
	inMemory,
	MEMORY,
	type Suite,
	storageTest,
	withStorage,
} from "../../support/runs/suite.ts";
import { exported, streamOf } from "../../support/stores/archives.ts";
import { numbered } from "../../support/stores/journal-store.ts";
import { guidOf } from "../../support/stores/packed-files.ts";
import { frameOf } from "../../support/stores/packed-store.ts";

/** Other tasks of the event loop run before a program that calls on and on. */
export function yieldingRows(suite: Suite): void {
	const test = storageTest(suite);
	const onHost = hostTest(suite);

	test("a message that waits comes before appends and syncs that follow one another are done", async (storage) => {
		const cache = new PageCache(storage, { pageSize: 512, pages: 4 });
		const entry = { size: 8 };
		const journal = await FixedJournal.open(storage, {
			partition: "journal",
			cache,
			entry,
		});
		await untilMessage(async (step) => {
			await journal.append(1n, numbered(step));
			await journal.sync(1n);
		});
	});

	test("a message that waits comes before writes, and reads, that follow one another are done", async (storage) => {
		const blob = await storage.open("partition", "blob");
		const bytes = bytesOf("bytes");
		await untilMessage(() => blob.write(0, bytes));
		await untilMessage(() => blob.read(0, bytes.length));
	});

	onHost(
		"a message that waits comes before writes, reads and flushes of a packed store that follow one another are done",
		async (host) => {
			const store = await PackedStore.open(host, { frames: 1 });
			const guid = guidOf(1);
			const frame = frameOf(1);
			await whileTimeFlies(async () => {
				await untilMessage(() => store.write(guid, frame), 10);
				await untilMessage(() => store.read(guid, frame), 10);
				await untilMessage(() => store.flush(), 10);
			});
			await store.drop();
		},
	);

	test("a message that waits comes before an export, and an import, are done", async (storage) => {
		const blob = await storage.open("partition", "blob");
		await blob.write(0, pattern(300_000));
		const archive = await exported(storage);
		await whileTimeFlies(async () => {
			const message = new Message();
			const target = new WritableStream({
				write: () => message.send(),
				close: () => message.check(),
			});
			await exportTo(storage, target);
			await withStorage(inMemory().host, async (copy) => {
				const other = new Message();
				other.send();
				await importFrom(copy, streamOf(archive, archive.length));
				other.check();
			});
		});
	});

	onHost(
		"a wait for a lock ends though the clock is set back meanwhile",
		async (host) => {
			const owner = await Storage.open(host, { memory: MEMORY });
			const { now } = Date;
			let time = now();
			Date.now = () => {
				time -= 1000;
				return time;
			};
			try {
				await assertFails("ERR_LOCKED", () => Storage.open(host, { wait: 20 }));
			} finally {
				Date.now = now;
				await owner.drop();
			}
		},
	);
}
