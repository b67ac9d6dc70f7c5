import { assert } from "chai";
import { AuditedHost } from "../../../src/host/audited.ts";
import { type FaultRates, FaultyHost } from "../../../src/host/faulty.ts";
import type { Host } from "../../../src/host/host.ts";
import { recoverAndCheck } from "../../crash/paged-expectation.ts";
import { CUT_MODES } from "../../crash/power-cuts.ts";
import { shapeOf } from "../../crash/workload.ts";
import {
	CrashDisk,
	EMPTY_IMAGE,
	hostOf,
	WHOLE_FILES,
	withImage,
} from "../../support/disks/crash-disk.ts";
import { CrashLog, type DiskStep } from "../../support/disks/crash-log.ts";
import { imageOf } from "../../support/hosts/raw-file.ts";
import { sha256 } from "../../support/oracles/sha256.ts";
import { bytesOf, toHex } from "../../support/runs/bytes.ts";
import { Random, seeded } from "../../support/runs/prng.ts";
import { shareOf } from "../../support/runs/share.ts";
import { hostTest, type Suite } from "../../support/runs/suite.ts";
import { FaultyWriter } from "./faulty-writer.ts";

/** The rates of failures; torn calls beside those they are a part of. */
const DISKS: Readonly<Record<string, FaultRates>> = {
	"opening a file": { open: 0.15 },
	"reading a file": { read: 0.15 },
	"writing a file": { write: 0.15 },
	"writing a file, in part": { write: 0.15, partialWrite: 0.9 },
	"syncing a file": { sync: 0.15 },
	"resizing a file": { resize: 0.5 },
	"resizing a file, in part": { resize: 0.5, partialResize: 0.9 },
	"removing a file": { remove: 0.5 },
	"listing a directory": { scan: 0.5 },
	everything: {
		...{ open: 0.03, read: 0.03, write: 0.05, partialWrite: 0.5, sync: 0.05 },
		...{ resize: 0.2, partialResize: 0.5, remove: 0.1, scan: 0.1 },
	},
};

const PAGE_SIZES = [16, 61, 103, 249];
const WORKLOADS = 4;
const ACTIONS = 60;
const CUT_SHARE = 0.25;
/** Nothing is in flight when the power goes. */
const IDLE: DiskStep = { kind: "syncDirectory", path: "" };

const GOLDEN_SEED = 42;
/** SHA-256 over a run: the calls of the host, their outcomes, and the files' bytes at the end. */
const GOLDEN =
	"5d8c8819eca3fd190bf94562c1ca11d428f2e9a55b942f834c47674462dad664";

export function faultyStoreRows(suite: Suite): void {
	for (const [what, rates] of Object.entries(DISKS)) {
		suite.test(
			`a store whose disk fails now and then at ${what} reads what was written, and keeps what it acknowledged through power cuts`,
			seeded(async (random) => {
				let failures = 0;
				const due = shareOf(WORKLOADS);
				for (
					let workload = 0;
					workload < due || (failures === 0 && workload < WORKLOADS);
					workload += 1
				) {
					failures += await withImage(EMPTY_IMAGE, suite.createHost, (host) =>
						workOn(host, rates, new Random(random.word())),
					);
				}
				assert.isAbove(failures, 0);
			}),
		);
	}

	hostTest(suite)(
		"a seed gives the same calls, faults and files here as in every host, and another seed gives others",
		async (host) => {
			assert.equal(await digestOfRun(host, GOLDEN_SEED), GOLDEN);
			await host.remove("");
			assert.equal(await digestOfRun(host, GOLDEN_SEED), GOLDEN);
			await host.remove("");
			assert.notEqual(await digestOfRun(host, GOLDEN_SEED + 1), GOLDEN);
		},
	);
}

/** Lets a writer work, and cuts its power again and again. Returns how many of its calls failed. */
async function workOn(
	host: Host,
	rates: FaultRates,
	random: Random,
): Promise<number> {
	const shape = shapeOf(random, PAGE_SIZES);
	const log = new CrashLog(host);
	const faulty = new FaultyHost(log, random.word(), rates);
	const writer = new FaultyWriter(faulty, faulty, random, shape);
	const disk = new CrashDisk(EMPTY_IMAGE, WHOLE_FILES);
	await writer.begin();
	for (let count = 0; count < ACTIONS; count += 1) {
		await writer.act();
		log.steps.splice(0).forEach((step) => {
			disk.take(step);
		});
		if (random.chance(CUT_SHARE)) {
			const image = disk.cut(random.pick(CUT_MODES), IDLE, random);
			await recoverAndCheck(await hostOf(image), writer.expected, shape);
		}
	}
	await writer.end();
	return writer.failures;
}

async function digestOfRun(host: Host, seed: number): Promise<string> {
	const random = new Random(seed);
	const faulty = new FaultyHost(host, seed, DISKS.everything);
	const audited = new AuditedHost(faulty);
	const shape = shapeOf(random, PAGE_SIZES);
	const writer = new FaultyWriter(audited, faulty, random, shape);
	await writer.begin();
	for (let count = 0; count < ACTIONS; count += 1) {
		await writer.act();
	}
	await writer.end();
	assert.isAtLeast(writer.failures, 10);
	const asked = await audited.digest();
	const lines = [asked, ...writer.outcomes, ...(await imageOf(host))];
	return toHex(await sha256(bytesOf(lines.join("\n"))));
}
