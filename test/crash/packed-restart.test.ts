import { assert } from "chai";
import { test } from "vitest";
import { FRAME_SIZE } from "../../assembly/format.ts";
import type { Host } from "../../src/host/host.ts";
import { FRAMES_PATH } from "../../src/packed/frames/frame-file.ts";
import { LOG_PATH } from "../../src/packed/manifest/manifest-log.ts";
import { SNAPSHOT_PATH } from "../../src/packed/manifest/snapshot.ts";
import type { PackedStoreOptions } from "../../src/packed/options.ts";
import { PackedStore } from "../../src/packed/packed-store.ts";
import { CrashDisk, type DiskImage } from "../support/disks/crash-disk.ts";
import { CrashLog } from "../support/disks/crash-log.ts";
import { sectorFrame, sectorGuid } from "../support/disks/sector-frames.ts";
import { SparseBytes } from "../support/disks/sparse-bytes.ts";
import { sparseMedium } from "../support/disks/sparse-disk.ts";
import { SparseHost } from "../support/hosts/sparse-host.ts";
import { seeded } from "../support/runs/prng.ts";
import { shareOf } from "../support/runs/share.ts";
import { longLog } from "./long-log.ts";
import { CUT_MODES } from "./power-cuts.ts";

/** Of each step in each mode. */
const IMAGES = shareOf(15, 2);
const COUNT = 3;

test(
	"a power cut while frames.crc is begun anew leaves no frame to be held against what was there before",
	seeded(async (random) => {
		const host = new SparseHost();
		host.put(LOG_PATH, SparseBytes.NOTHING.written(longLog(COUNT + 2), 0));
		await write(host, { checksums: true }, [1, 2, 3]);
		await write(host, { checksums: false, rewrite: "in-place" }, [1, 12, 3]);
		assert.isTrue(host.files.has(SNAPSHOT_PATH));
		const image = { directories: new Set([""]), files: host.files };
		const log = new CrashLog(host);
		log.begin(image.files.keys());
		await write(log, {}, []);

		const { model } = sparseMedium(FRAMES_PATH);
		const disk = new CrashDisk(image, model);
		for (const step of log.steps) {
			for (const mode of CUT_MODES) {
				for (let count = 0; count < IMAGES; count += 1) {
					await assertRead(disk.cut(mode, step, random));
				}
			}
			disk.take(step);
		}
	}),
);

/** One session, in which each GUID gets the version of its number. */
async function write(
	host: Host,
	options: PackedStoreOptions,
	versions: readonly number[],
): Promise<void> {
	const store = await PackedStore.open(host, { frames: 2, ...options });
	for (const [number, version] of versions.entries()) {
		await store.write(sectorGuid(number), sectorFrame(version));
	}
	await store.close();
}

async function assertRead(image: DiskImage<SparseBytes>): Promise<void> {
	await sparseMedium(FRAMES_PATH).withImage(image, async (host) => {
		const store = await PackedStore.open(host, { frames: 2 });
		for (const guid of store.list()) {
			await store.read(guid, new Uint8Array(FRAME_SIZE));
		}
		assert.equal(store.checksums?.uncovered, COUNT);
		await store.drop();
	});
}
