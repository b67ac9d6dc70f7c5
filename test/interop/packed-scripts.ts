import { existsSync } from "node:fs";
import { join } from "node:path";
import { assert } from "chai";
import { beforeAll, test } from "vitest";
import type { Random } from "../support/runs/prng.ts";
import {
	buildHolt,
	type HoltRelease,
	type HoltTransfers,
} from "./holt-programs.ts";
import { longLog, writeLog } from "./long-log.ts";
import { PackedCrossing } from "./packed-crossing.ts";
import { runScripts, SEED, withWriters } from "./packed-runs.ts";
import { inScratch } from "./packed-scratch.ts";
import { DualslotPackedWriter, HoltWriter } from "./packed-writers.ts";

const SCRIPTS = 160;
const RING_SCRIPTS = 20;
/** Of two or three, none may write enough for a snapshot: a share is all of them. */
const LONG_SCRIPTS = 16;
const MINUTE = 60_000;
/** EPERM and ENOSYS. */
const NO_RING = /\(os error (1|38)\)$/;

/** Random scripts, done by one release and by dualslot. */
export function packedScriptsWith(release: HoltRelease): void {
	beforeAll(() => {
		console.log(`the scripts start from DUALSLOT_SEED=${SEED}`);
		buildHolt(release, "calls", "scripts");
		buildHolt(release, "ring", "scripts");
	}, 30 * MINUTE);

	test(
		`scripts come to the same packed store here and in holt ${release}`,
		() => cross(release, "calls", SCRIPTS),
		20 * MINUTE,
	);

	test(
		`scripts come to the same packed store here and in holt ${release} over a ring`,
		() => crossOverRing(release),
		20 * MINUTE,
	);

	test(
		`scripts fold up the same long log here and in holt ${release}`,
		() => foldUp(release),
		20 * MINUTE,
	);
}

async function cross(
	release: HoltRelease,
	transfers: HoltTransfers,
	count: number,
): Promise<void> {
	const holt = new HoltWriter(release, transfers);
	const pair = [holt, DualslotPackedWriter.like(release)] as const;
	await withWriters(pair, (writers) =>
		runScripts(
			count,
			(random, parent) => new PackedCrossing(random, { parent, writers }),
		),
	);
}

/** Some kernels, and many containers, have no ring for anybody: then it says so, and is done. */
async function crossOverRing(release: HoltRelease): Promise<void> {
	const holt = new HoltWriter(release, "ring");
	let opened = "";
	await withWriters([holt], () =>
		inScratch(async (parent) => {
			opened = await holt.open(parent);
		}),
	);
	if (NO_RING.test(opened)) {
		console.log(`not compared with holt ${release} over a ring: ${opened}`);
		return;
	}
	await cross(release, "ring", RING_SCRIPTS);
}

async function foldUp(release: HoltRelease): Promise<void> {
	let folded = 0;
	const holt = new HoltWriter(release);
	const pair = [holt, DualslotPackedWriter.like(release)] as const;
	const fold = (writers: typeof pair) => (random: Random, parent: string) => {
		const log = longLog(random);
		const prepare = (directory: string) => writeLog(directory, log);
		const crossing = new PackedCrossing(random, { parent, writers, prepare });
		const run = async () => {
			await crossing.run();
			folded += existsSync(join(parent, "first/manifest.bin")) ? 1 : 0;
		};
		return { lines: crossing.lines, run };
	};
	await withWriters(pair, (writers) =>
		runScripts(LONG_SCRIPTS, fold(writers), LONG_SCRIPTS),
	);
	assert.isAbove(folded, 0, "no script wrote enough for a snapshot");
}
