import { assert } from "chai";
import { formatStats } from "../../../src/host/format-stats.ts";
import { FixedJournal } from "../../../src/journal/entries/fixed-journal.ts";
import { Storage } from "../../../src/storage/storage.ts";
import { filled } from "../../support/runs/bytes.ts";
import { parseMetrics } from "../../support/runs/prometheus.ts";
import { hostTest, MEMORY, type Suite } from "../../support/runs/suite.ts";
import { PackedSession } from "../../support/stores/packed-store.ts";

/** A store's counts, and how Prometheus reads them. */
export function figureRows(suite: Suite): void {
	const test = hostTest(suite);

	test("a storage counts by partition and by journal, and times what its files are asked for", async (host) => {
		const storage = await Storage.open(host, { memory: MEMORY });
		const options = { partition: "fixed", entry: { size: 8 } };
		const journal = await FixedJournal.open(storage, options);
		for (const section of [1n, 2n, 3n]) {
			await journal.append(section, filled(8, 1));
		}
		await journal.sync(1n);
		await journal.prune(2n);
		const stats = storage.stats();
		const [counted] = stats.journals;
		const expected = { journal: "fixed", tracked: 2, synced: 1, pruned: 1 };
		assert.deepEqual(counted, expected);
		const { partitions, latencies } = stats;
		assert.includeMembers(
			partitions.map(({ label }) => label),
			["fixed", "dualslot.tmp"],
		);
		for (const name of ["reads", "readBytes", "writes", "syncs"] as const) {
			const sum = partitions.reduce((total, one) => total + one[name], 0);
			assert.equal(sum, stats[name], name);
		}
		assert.equal(latencies.read.count, stats.reads);
		assert.equal(latencies.write.count, stats.writes);
		await storage.close();
		assert.isEmpty(storage.stats().journals);
	});

	test("a packed store counts its files, its frames and its flushes", async (host) => {
		const session = await PackedSession.open(host);
		await session.writeMany([1, 1], [2, 2]);
		await session.store.flush();
		await session.delete(1);
		await session.store.flush();
		const frame = await session.store.allocateFrame();
		const stats = session.store.stats();
		assert.include(stats, {
			...{ guids: 1, frames: 2, framesInUse: 1, freeSlots: 1 },
			...{ flushes: 2, folds: 0 },
		});
		const frames = stats.files.find(({ label }) => label === "blobs.dat");
		assert.equal(frames?.writeBytes, 2 * 512 * 1024);
		assert.equal(stats.flushLatency.count, 2);
		frame.release();
		await session.store.close();
	});

	test("statistics are written as Prometheus reads them", async (host) => {
		const storage = await Storage.open(host, { memory: MEMORY });
		const blob = await storage.open("partition", "blob");
		await blob.write(0, filled(100, 1));
		await blob.sync();
		const stats = { ...storage.stats(), store: 'a "b"\\\n' };
		const { samples, types } = parseMetrics(formatStats(stats));
		const labels = { store: stats.store, partition: "partition" };
		const found = stats.partitions.find(({ label }) => label === "partition");
		assert.deepInclude(samples, {
			name: "dualslot_storage_write_bytes_total",
			...{ labels, value: found?.writeBytes ?? 0 },
		});
		assert.equal(types.get("dualslot_open_blobs"), "gauge");
		assert.equal(types.get("dualslot_storage_reads_total"), "counter");
		const { store } = stats;
		assert.deepInclude(samples, {
			name: "dualslot_storage_sync_duration_seconds_count",
			...{ labels: { store }, value: stats.latencies.sync.count },
		});
		await storage.close();
	});
}
