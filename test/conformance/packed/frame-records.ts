import { assert } from "chai";
import type { Host } from "../../../src/host/host.ts";
import {
	mangleRaw,
	readRaw,
	withFile,
	writeRaw,
} from "../../support/hosts/raw-file.ts";
import { crc32c } from "../../support/oracles/crc32c.ts";
import { joined } from "../../support/runs/bytes.ts";
import { assertFails } from "../../support/runs/failure.ts";
import { hostTest, type Suite } from "../../support/runs/suite.ts";
import { CHECKSUMS_PATH, guidOf } from "../../support/stores/packed-files.ts";
import { frameOf, withPacked } from "../../support/stores/packed-store.ts";

const RECORD_SIZE = 32;
const STAMPS = 2;
const MEBIBYTE = 1024 * 1024;

/**
 * Content of frames.crc beyond its frames' needs: more records than slots, stamps of another
 * version.
 */
export function frameRecordRows(suite: Suite): void {
	const test = hostTest(suite);

	for (const more of [1, RECORD_SIZE, 3 * MEBIBYTE]) {
		test(`frames.crc with ${more} bytes behind the records of all slots is cut to them, and every frame is checked`, async (host) => {
			await write(host, 3);
			const whole = await readRaw(host, CHECKSUMS_PATH);
			assert.lengthOf(whole, (STAMPS + 3) * RECORD_SIZE);
			const bytes = joined(whole, new Uint8Array(more).fill(255));
			await writeRaw(host, CHECKSUMS_PATH, bytes);
			await withPacked(host, {}, async ({ recovery }) => {
				assert.deepEqual(recovery.checksums, { covered: 3, uncovered: 0 });
			});
			assert.deepEqual(await readRaw(host, CHECKSUMS_PATH), whole);
		});
	}

	test("of frames.crc no more is read than the manifest can have slots for", async (host) => {
		await write(host, 1);
		await withFile(host, CHECKSUMS_PATH, "write", (file) =>
			file.truncate(64 * MEBIBYTE),
		);
		await withPacked(host, { memory: 4 * MEBIBYTE }, async ({ recovery }) => {
			assert.deepEqual(recovery.checksums, { covered: 1, uncovered: 0 });
		});
	});

	for (const index of [0, 1]) {
		test(`frames.crc whose stamp ${index} is of a later version is ERR_VERSION, and nothing is changed`, async (host) => {
			await write(host, 2);
			await mangleRaw(host, CHECKSUMS_PATH, index * RECORD_SIZE, stamp(2));
			const before = await readRaw(host, CHECKSUMS_PATH);
			const error = await assertFails("ERR_VERSION", () =>
				withPacked(host, {}, async () => undefined),
			);
			assert.deepInclude(error.place, {
				...{ path: CHECKSUMS_PATH, expected: 1, found: 2 },
			});
			assert.deepEqual(await readRaw(host, CHECKSUMS_PATH), before);
			await withPacked(host, { checksums: false }, async (store) => {
				assert.equal(store.size, 2);
			});
		});
	}

	test("a stamp of a later version that is not whole is none", async (host) => {
		await write(host, 2);
		const torn = stamp(2);
		torn[20] = 1;
		await mangleRaw(host, CHECKSUMS_PATH, RECORD_SIZE, torn);
		await withPacked(host, {}, async ({ recovery }) => {
			assert.deepEqual(recovery.checksums, { covered: 2, uncovered: 0 });
		});
	});
}

async function write(host: Host, frames: number): Promise<void> {
	await withPacked(host, {}, async (store) => {
		for (let guid = 1; guid <= frames; guid += 1) {
			await store.write(guidOf(guid), frameOf(guid));
		}
		await store.close();
	});
}

/** A whole stamp of a version. */
function stamp(version: number): Uint8Array {
	const bytes = new Uint8Array(RECORD_SIZE);
	bytes.set(new TextEncoder().encode("DSFC"));
	const view = new DataView(bytes.buffer);
	view.setUint32(4, version, true);
	view.setUint32(8, 1, true);
	view.setUint32(28, crc32c(bytes.subarray(0, 28)), true);
	return bytes;
}
