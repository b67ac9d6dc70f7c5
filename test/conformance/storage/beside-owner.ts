import { assert } from "chai";
import { DelegatingHost } from "../../../src/host/delegating.ts";
import type { StoreEvent } from "../../../src/host/events.ts";
import type { Host, LockState } from "../../../src/host/host.ts";
import { FixedJournal } from "../../../src/journal/entries/fixed-journal.ts";
import { PagedBlob } from "../../../src/paged/paged-blob.ts";
import type { StorageRecovery } from "../../../src/storage/recovery.ts";
import { Storage } from "../../../src/storage/storage.ts";
import { importFrom } from "../../../src/transfer/index.ts";
import { mangleRaw } from "../../support/hosts/raw-file.ts";
import { assertFails } from "../../support/runs/failure.ts";
import {
	hostTest,
	MEMORY,
	type Suite,
	withStorage,
} from "../../support/runs/suite.ts";
import { exported } from "../../support/stores/archives.ts";

const JOURNAL = { partition: "journal", entry: { size: 4 }, pageSize: 64 };

/** What who opens a store to read is told of its owner. */
export function besideOwnerRows(suite: Suite): void {
	const onHost = hostTest(suite);

	onHost(
		"a reader beside a live owner finds no crash, in the store, in a blob or in a journal, and hears of none",
		async (host) => {
			const owner = await openKept(host);
			const events: StoreEvent[] = [];
			const onEvent = (event: StoreEvent) => events.push(event);
			await withStorage(
				host,
				async (reader) => {
					assertFound(reader.recovery, false, ["live"]);
					assert.deepEqual(await crashesIn(reader), [false, false]);
				},
				{ readOnly: true, onEvent },
			);
			assert.isEmpty(events.filter(({ kind }) => kind === "crash-found"));
			await owner.close();
		},
	);

	onHost(
		"a reader beside a live import is told that it is under way, and reads the store when that has ended",
		async (host) => {
			const owner = await openKept(host);
			const archive = await exported(owner);
			await owner.close();
			await host.remove("");
			const pieces = [archive.slice(0, 700), archive.slice(700)];
			const told: string[] = [];
			const read = () => Storage.open(host, { memory: MEMORY, readOnly: true });
			await withStorage(host, async (storage) => {
				const source = new ReadableStream<Uint8Array>(
					{
						async pull(controller) {
							const { message } = await assertFails(
								"ERR_IMPORT_INCOMPLETE",
								read,
							);
							told.push(message);
							const piece = pieces.shift();
							if (piece === undefined) {
								controller.close();
							} else {
								controller.enqueue(piece);
							}
						},
					},
					{ highWaterMark: 0 },
				);
				await importFrom(storage, source);
			});
			assert.isAtLeast(told.length, 2);
			for (const message of told) {
				assert.match(message, /is under way/);
			}
			await (await read()).close();
		},
	);

	onHost("a reader after its owner crashed finds the crash", async (host) => {
		await (await openKept(host)).drop();
		await withStorage(
			host,
			async (reader) => {
				assertFound(reader.recovery, true, noOwner(host));
				assert.deepEqual(await crashesIn(reader), [true, true]);
			},
			{ readOnly: true },
		);
	});

	onHost("a reader after a clean close finds no crash", async (host) => {
		await (await openKept(host)).close();
		await withStorage(
			host,
			async ({ recovery }) => assertFound(recovery, false, noOwner(host)),
			{ readOnly: true },
		);
	});

	onHost(
		"who opens a store to write is its only owner, and finds the crash before",
		async (host) => {
			await (await openKept(host)).drop();
			await withStorage(host, async ({ recovery }) =>
				assertFound(recovery, true, ["none"]),
			);
		},
	);

	onHost(
		"an owner that closes just when a reader asks for it has not crashed",
		async (host) => {
			const owner = await openKept(host);
			const closing = new AskedHost(host, async () => {
				await owner.close();
				return host.lockState();
			});
			await withStorage(
				closing,
				async ({ recovery }) => assertFound(recovery, false, noOwner(host)),
				{ readOnly: true },
			);
		},
	);

	onHost(
		"where nobody can tell whether an owner lives, a marker is that of a crash",
		async (host) => {
			const owner = await openKept(host);
			const dumb = new AskedHost(host, async () => "unknown");
			await withStorage(
				dumb,
				async (reader) => {
					assertFound(reader.recovery, true, ["unknown"]);
					assert.deepEqual(await crashesIn(reader), [true, true]);
				},
				{ readOnly: true },
			);
			await owner.close();
		},
	);

	onHost(
		"a reader searches for a hole beside a live owner as well",
		async (host) => {
			const owner = await openKept(host);
			const blob = await PagedBlob.open(owner, "hole", "name", {
				pageSize: 64,
			});
			await blob.append(new Uint8Array(64 * 3));
			await blob.sync();
			await mangleRaw(host, "hole/6e616d65", 8 + 76, new Uint8Array(76));
			await withStorage(
				host,
				async (reader) => {
					const { recovery } = await PagedBlob.open(reader, "hole", "name");
					assert.include(recovery, {
						cut: "hole",
						size: 64,
						foundCrash: false,
					});
				},
				{ readOnly: true },
			);
			await owner.drop();
		},
	);
}

/** A host whose owner is asked for in this way. */
class AskedHost extends DelegatingHost {
	readonly #ask: () => Promise<LockState>;

	constructor(host: Host, ask: () => Promise<LockState>) {
		super(host);
		this.#ask = ask;
	}

	override lockState(): Promise<LockState> {
		return this.#ask();
	}
}

/** A store that is open, with a blob and a journal that hold something durable. */
async function openKept(host: Host): Promise<Storage> {
	const storage = await Storage.open(host, { memory: MEMORY });
	const blob = await openBlob(storage);
	await blob.append(new Uint8Array(4));
	await blob.sync();
	const journal = await FixedJournal.open(storage, JOURNAL);
	await journal.append(1n, new Uint8Array(4));
	await journal.syncAll();
	return storage;
}

function openBlob(storage: Storage): Promise<PagedBlob> {
	return PagedBlob.open(storage, "blobs", "name", { pageSize: 64 });
}

/** Whether a blob and a journal find a crash. */
async function crashesIn(storage: Storage): Promise<boolean[]> {
	const blob = await openBlob(storage);
	const journal = await FixedJournal.open(storage, JOURNAL);
	return [blob.recovery.foundCrash, journal.recovery.foundCrash];
}

function assertFound(
	recovery: StorageRecovery,
	foundCrash: boolean,
	owners: readonly StorageRecovery["owner"][],
): void {
	assert.equal(recovery.foundCrash, foundCrash);
	assert.include(owners, recovery.owner);
}

/** A kernel may hide locks that there are from who asks it, who cannot know then that there is none. */
function noOwner({ capabilities }: Host): readonly StorageRecovery["owner"][] {
	return capabilities.lockExcludes === "machine"
		? ["none", "unknown"]
		: ["none"];
}
