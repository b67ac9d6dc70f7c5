import { assert } from "chai";
import type { Host } from "../../../src/host/host.ts";
import { FixedJournal } from "../../../src/journal/entries/fixed-journal.ts";
import { contextOf, Storage } from "../../../src/storage/storage.ts";
import { importFrom } from "../../../src/transfer/index.ts";
import { bitFlips } from "../../support/disks/bit-flips.ts";
import { InterceptedHost } from "../../support/hosts/intercepted-host.ts";
import { existsRaw, readRaw, writeRaw } from "../../support/hosts/raw-file.ts";
import { textOf } from "../../support/runs/bytes.ts";
import { assertFails } from "../../support/runs/failure.ts";
import { placesOf } from "../../support/runs/share.ts";
import {
	hostTest,
	MEMORY,
	type Suite,
	withStorage,
} from "../../support/runs/suite.ts";
import { exported, streamOf, tar } from "../../support/stores/archives.ts";
import {
	followedConfig,
	knownOf,
	MANY,
	manyPartitions,
	PAGES,
	partitionName,
	recordPartitions,
	sealedChanges,
} from "../../support/stores/many-partitions.ts";
import { sealedConfig } from "../../support/stores/own-files.ts";

const CONFIG = "dualslot.json";
const CHANGES = "dualslot.changes";
const HEADER = { format: 1, generation: 1 };

/** dualslot.changes: recording a partition costs the same however many there are. */
export function configChangeRows(suite: Suite): void {
	costRows(suite);
	heedingRows(suite);
	damageRows(suite);
	failureRows(suite);
	transferRows(suite);
}

function costRows(suite: Suite): void {
	const onHost = hostTest(suite);

	onHost(
		"the 1,000th partition of a store writes no more bytes than the 10th",
		async (host) => {
			await writeRaw(host, CONFIG, sealedConfig(manyPartitions(9)));
			const tenth = await bytesOfNext(host, 9, 10);
			await writeRaw(host, CONFIG, followedConfig(998));
			const thousandth = await bytesOfNext(host, 998, 1000);
			assert.isAbove(thousandth, 0);
			assert.isAtMost(thousandth, tenth);
		},
	);

	onHost(
		"of many partitions no more is written than a few times what dualslot.json says of them in the end",
		async (host) => {
			const count = 250;
			await withStorage(host, async (storage) => {
				const before = storage.stats().writeBytes;
				for (let number = 0; number < count; number += 1) {
					await openAndClose(storage, number);
				}
				const written = storage.stats().writeBytes - before;
				const said = sealedConfig(manyPartitions(count)).length;
				assert.isAbove(written, said);
				assert.isBelow(written, 10 * said);
			});
		},
	);
}

function heedingRows(suite: Suite): void {
	const onHost = hostTest(suite);

	onHost(
		"what stands in dualslot.changes is heeded after a crash, by readers too",
		async (host) => {
			await makeCrashed(host);
			for (const readOnly of [true, false]) {
				await withStorage(
					host,
					async (storage) => {
						const known = knownOf(storage, MANY + 20);
						assert.lengthOf(known, MANY + 4);
						assert.notInclude(known, 3);
						const wrong = { kind: "paged", pageSize: 65 } as const;
						const name = partitionName(MANY + 1);
						const open = () => contextOf(storage).configure(name, wrong);
						await (readOnly ? undefined : assertFails("ERR_CONFIG", open));
					},
					{ readOnly },
				);
			}
		},
	);

	onHost(
		"a store with many partitions that a version before has written is opened, and goes on",
		async (host) => {
			await writeRaw(host, CONFIG, sealedConfig(manyPartitions(MANY)));
			for (let count = MANY; count < MANY + 3; count += 1) {
				await withStorage(host, async (storage) => {
					assert.lengthOf(knownOf(storage, count), count);
					await recordPartitions(storage, count, count + 1);
					await storage.close();
				});
			}
			await withStorage(host, async (storage) => {
				assert.lengthOf(knownOf(storage, MANY + 3), MANY + 3);
			});
		},
	);

	onHost(
		"a dualslot.json that changes follow is of a format that versions before refuse",
		async (host) => {
			await makeCrashed(host);
			const { format } = JSON.parse(textOf(await readRaw(host, CONFIG)));
			assert.equal(format, 2);
		},
	);

	onHost(
		"changes of an earlier dualslot.json are not heeded, and those of a later one are refused",
		async (host) => {
			const change = { [partitionName(MANY)]: PAGES };
			await writeRaw(host, CHANGES, sealedChanges([HEADER, change]));
			await writeRaw(host, CONFIG, followedConfig(MANY, 2));
			assert.equal(await countKnown(host), MANY);
			await writeRaw(host, CONFIG, followedConfig(MANY, 1));
			assert.equal(await countKnown(host), MANY + 1);
			const later = sealedChanges([{ format: 1, generation: 2 }, change]);
			await writeRaw(host, CHANGES, later);
			await assertRefused(host, "ERR_CONFIG");
		},
	);

	onHost(
		"a reader finds all that was known when it began, also while dualslot.json is written anew",
		async (own) => {
			const host = new InterceptedHost(own);
			await writeRaw(host, CONFIG, followedConfig(MANY));
			await withStorage(host, async (storage) => {
				await recordPartitions(storage, MANY, MANY + 4);
				let writes = 1;
				host.hooks.open = async (path, _mode, call) => {
					if (path === CHANGES && writes > 0) {
						writes -= 1;
						const { config } = contextOf(storage);
						await config.adopt();
						await config.set(partitionName(MANY + 4), PAGES);
					}
					return call();
				};
				assert.isAtLeast(await countKnown(host), MANY + 4);
			});
		},
	);
}

function damageRows(suite: Suite): void {
	const onHost = hostTest(suite);
	const flipped = bitFlips(suite);

	onHost(
		"any flipped bit of dualslot.changes is noticed, or changes nothing",
		async (host) => {
			await writeRaw(host, CONFIG, followedConfig(2));
			const lines = [2, 3].map((at) => ({ [partitionName(at)]: PAGES }));
			const whole = sealedChanges([HEADER, ...lines]);
			for (const { bit, bytes } of flipped(whole)) {
				await writeRaw(host, CHANGES, bytes);
				const isEnd = bit >= (whole.length - 1) * 8;
				await (isEnd
					? countKnown(host).then((count) => assert.equal(count, 4))
					: assertRefused(host, "ERR_CONFIG"));
			}
		},
	);

	onHost(
		"a dualslot.changes that is cut within its last line is as before that, and takes changes again",
		async (host) => {
			const first = sealedChanges([HEADER, { [partitionName(2)]: PAGES }]);
			const change = { [partitionName(3)]: PAGES };
			const whole = sealedChanges([
				...[HEADER, { [partitionName(2)]: PAGES }],
				change,
			]);
			for (const place of placesOf(whole.length - 1 - first.length)) {
				await writeRaw(host, CONFIG, followedConfig(2));
				await writeRaw(host, CHANGES, whole.subarray(0, first.length + place));
				await withStorage(host, async (storage) => {
					assert.deepEqual(knownOf(storage, 9), [0, 1, 2]);
					await recordPartitions(storage, 4, 6);
				});
				await withStorage(host, async (storage) => {
					assert.deepEqual(knownOf(storage, 9), [0, 1, 2, 4, 5]);
				});
			}
		},
	);

	onHost(
		"a dualslot.changes without its first line, of a later format, or too large, is refused",
		async (host) => {
			await writeRaw(host, CONFIG, followedConfig(2));
			await writeRaw(host, CHANGES, new Uint8Array());
			await assertRefused(host, "ERR_CONFIG");
			await writeRaw(host, CHANGES, sealedChanges([{ format: 2 }]));
			await assertRefused(host, "ERR_VERSION");
			for (const document of [{ format: 1 }, { pages: PAGES }]) {
				await writeRaw(host, CHANGES, sealedChanges([document]));
				await assertRefused(host, "ERR_CONFIG");
			}
			const nothing = { pages: { kind: "nothing" } };
			await writeRaw(host, CHANGES, sealedChanges([HEADER, nothing]));
			await assertRefused(host, "ERR_CONFIG");
		},
	);
}

function failureRows(suite: Suite): void {
	const onHost = hostTest(suite);

	onHost(
		"a change of partitions that cannot be written is not known, and those after it are",
		async (own) => {
			const host = new InterceptedHost(own);
			await writeRaw(host, CONFIG, followedConfig(MANY));
			await withStorage(host, async (storage) => {
				await recordPartitions(storage, MANY, MANY + 2);
				host.hooks.sync = () => {
					throw new Error("not synced");
				};
				const error = await assertFails("ERR_IO", () =>
					recordPartitions(storage, MANY + 2, MANY + 3),
				);
				assert.include(error.message, CHANGES);
				host.hooks = {};
				assert.lengthOf(knownOf(storage, MANY + 9), MANY + 2);
				const other = { kind: "paged", pageSize: 65 } as const;
				const { config } = contextOf(storage);
				await config.set(partitionName(MANY + 2), other);
				await recordPartitions(storage, MANY + 3, MANY + 5);
			});
			await withStorage(host, async (storage) => {
				assert.lengthOf(knownOf(storage, MANY + 9), MANY + 5);
				const found = contextOf(storage).config.get(partitionName(MANY + 2));
				assert.deepInclude(found, { pageSize: 65 });
			});
		},
	);

	onHost(
		"a clean close after a change that failed leaves no doubt of what is durable, or a marker",
		async (own) => {
			const host = new InterceptedHost(own);
			for (const hasRoom of [true, false]) {
				await writeRaw(host, CONFIG, followedConfig(MANY));
				await host.remove(CHANGES);
				await withStorage(host, async (storage) => {
					host.hooks.sync = () => {
						throw new Error("not synced");
					};
					await assertFails("ERR_IO", () =>
						recordPartitions(storage, MANY, MANY + 1),
					);
					host.hooks = hasRoom ? {} : { write: refuseForRoom };
					await storage.close();
					host.hooks = {};
				});
				assert.equal(await existsRaw(host, "dualslot.open"), !hasRoom);
				const { generation } = JSON.parse(textOf(await readRaw(host, CONFIG)));
				assert.equal(generation > 1, hasRoom);
			}
		},
	);
}

function transferRows(suite: Suite): void {
	const onHost = hostTest(suite);

	onHost(
		"an export says all that is known of partitions in one dualslot.json of the first format",
		async (host) => {
			await makeCrashed(host);
			const archive = await withStorage(host, exported);
			const text = textOf(archive);
			assert.include(text, partitionName(MANY + 4));
			assert.notInclude(text, CHANGES);
			assert.notInclude(text, '"generation"');
		},
	);

	onHost(
		"an archive with dualslot.changes, as tar makes it of a store, is imported with what that says",
		async (host) => {
			const change = { [partitionName(2)]: PAGES };
			const own = [
				{ path: CONFIG, content: followedConfig(2) },
				{ path: CHANGES, content: sealedChanges([HEADER, change]) },
			];
			for (const entries of [own, [...own].reverse()]) {
				await host.remove(CONFIG);
				await withStorage(host, async (storage) => {
					await importFrom(storage, streamOf(tar(entries)));
					assert.deepEqual(knownOf(storage, 9), [0, 1, 2]);
				});
				assert.equal(await countKnown(host), 3);
			}
		},
	);

	onHost(
		"an import that failed leaves nothing of dualslot.changes",
		async (host) => {
			await withStorage(host, async (storage) => {
				await recordPartitions(storage, 0, MANY);
				await recordPartitions(storage, MANY, MANY + 3);
				for (let number = 0; number < MANY + 3; number += 1) {
					await contextOf(storage).config.delete(partitionName(number));
				}
				const content = followedConfig(2);
				const archive = tar([{ path: CONFIG, content }]);
				const cut = archive.subarray(0, archive.length - 1);
				await assertFails("ERR_ARCHIVE", () =>
					importFrom(storage, streamOf(cut)),
				);
				assert.isFalse(await existsRaw(host, CHANGES));
				await recordPartitions(storage, 0, 2);
			});
			assert.equal(await countKnown(host), 2);
		},
	);
}

/** A crashed store: many in dualslot.json; five more, and one fewer, in dualslot.changes. */
async function makeCrashed(host: Host): Promise<void> {
	await writeRaw(host, CONFIG, followedConfig(MANY));
	await withStorage(host, async (storage) => {
		await recordPartitions(storage, MANY, MANY + 5);
		await contextOf(storage).config.delete(partitionName(3));
	});
	assert.isTrue(await existsRaw(host, CHANGES));
}

/** The bytes that the last of some partitions costs. */
async function bytesOfNext(
	host: Host,
	from: number,
	to: number,
): Promise<number> {
	return withStorage(host, async (storage) => {
		let before = 0;
		for (let number = from; number < to; number += 1) {
			before = storage.stats().writeBytes;
			await openAndClose(storage, number);
		}
		return storage.stats().writeBytes - before;
	});
}

async function openAndClose(storage: Storage, number: number): Promise<void> {
	const partition = partitionName(number);
	const options = { partition, entry: { size: 8 }, pageSize: 64 };
	const journal = await FixedJournal.open(storage, options);
	// A partition's content is recorded with its first section.
	await journal.append(1n, new Uint8Array(8));
	await journal.close();
}

function countKnown(host: Host): Promise<number> {
	return withStorage(
		host,
		async (storage) => knownOf(storage, MANY + 20).length,
		{ readOnly: true },
	);
}

async function assertRefused(
	host: Host,
	code: "ERR_CONFIG" | "ERR_VERSION",
): Promise<void> {
	for (const readOnly of [true, false]) {
		const error = await assertFails(code, () =>
			Storage.open(host, { memory: MEMORY, readOnly }),
		);
		assert.include(error.place, { path: CHANGES });
	}
}

function refuseForRoom(): never {
	throw Object.assign(new Error("no room"), { code: "ENOSPC" });
}
