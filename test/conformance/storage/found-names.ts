import { assert } from "chai";
import type { Host } from "../../../src/host/host.ts";
import type { Storage } from "../../../src/storage/storage.ts";
import {
	CrashDisk,
	hostOf,
	WHOLE_FILES,
} from "../../support/disks/crash-disk.ts";
import { CrashLog, type DiskStep } from "../../support/disks/crash-log.ts";
import { InterceptedHost } from "../../support/hosts/intercepted-host.ts";
import { existsRaw, readRaw } from "../../support/hosts/raw-file.ts";
import { bytesOf, textOf } from "../../support/runs/bytes.ts";
import { assertFails, KERNEL_ERROR } from "../../support/runs/failure.ts";
import { type Random, seeded } from "../../support/runs/prng.ts";
import { hostTest, type Suite, withStorage } from "../../support/runs/suite.ts";

const PATH = "partition/626c6f62";
const IMAGES = 40;
const EMPTY = { directories: new Set([""]), files: new Map() };
/** In flight when the power goes: it leaves nothing behind. */
const IDLE: DiskStep = { kind: "syncDirectory", path: "" };

const CREATIONS = [
	["partition", "partition", ""],
	["store", "", ""],
	["partition", "partition", " without metadata"],
	["store", "", " without metadata"],
] as const;

/** An open may find a name that no sync has covered. */
export function foundNameRows(suite: Suite): void {
	const onHost = hostTest(suite);

	for (const [what, directory, how] of CREATIONS) {
		const options = { metadata: how === "" };
		onHost(
			`a blob whose creation died before the ${what}'s directory was synced is durable once the next session${how} has synced it`,
			(host) =>
				withPowerCuts(host, async (faulty) => {
					await withStorage(
						faulty,
						(storage) => createInVain(storage, faulty, directory),
						options,
					);
					await withStorage(faulty, acknowledge, options);
				}),
		);

		onHost(
			`a blob whose creation failed when the ${what}'s directory was synced is durable once the same session${how} has synced it`,
			(host) =>
				withPowerCuts(host, (faulty) =>
					withStorage(
						faulty,
						async (storage) => {
							await createInVain(storage, faulty, directory);
							await acknowledge(storage);
						},
						options,
					),
				),
		);
	}
}

/** Renames the blob into place, without a sync. */
async function createInVain(
	storage: Storage,
	faulty: InterceptedHost,
	directory: string,
): Promise<void> {
	faulty.hooks.syncDirectory = (path, call) => {
		if (path === directory) {
			throw KERNEL_ERROR;
		}
		return call();
	};
	await assertFails("ERR_BLOB_OPEN_FAILED", () =>
		storage.open("partition", "blob"),
	);
	faulty.hooks = {};
	assert.isTrue(await existsRaw(faulty, PATH));
}

async function acknowledge(storage: Storage): Promise<void> {
	const blob = await storage.open("partition", "blob");
	await blob.write(0, bytesOf("acknowledged"));
	await blob.sync();
}

/**
 * Lets `body` work on a host, cuts the power in many ways at its end, and looks for all that it
 * acknowledged.
 */
async function withPowerCuts(
	host: Host,
	body: (faulty: InterceptedHost) => Promise<void>,
): Promise<void> {
	const log = new CrashLog(host);
	await body(new InterceptedHost(log));
	const disk = new CrashDisk(EMPTY, WHOLE_FILES);
	for (const step of log.steps) {
		disk.take(step);
	}
	await seeded((random) => assertFound(disk, random))();
}

async function assertFound(disk: CrashDisk, random: Random): Promise<void> {
	for (let image = 0; image < IMAGES; image += 1) {
		const left = await hostOf(disk.cut("subset", IDLE, random));
		assert.isTrue(await existsRaw(left, PATH), `image ${image} has the blob`);
		const bytes = await readRaw(left, PATH);
		assert.equal(textOf(bytes.subarray(8)), "acknowledged");
	}
}
