import { join } from "node:path";
import { beforeAll, test } from "vitest";
import type { Random } from "../support/runs/prng.ts";
import { buildHolt, HOLT_RELEASES } from "./holt-programs.ts";
import { longLog, writeLog } from "./long-log.ts";
import { PackedRelay } from "./packed-relay.ts";
import { runScripts, SEED, withWriters } from "./packed-runs.ts";
import {
	DualslotPackedWriter,
	HoltWriter,
	type PackedWriter,
} from "./packed-writers.ts";

const RELAYS = 60;
const LONG_RELAYS = 16;
const MINUTE = 60_000;

beforeAll(() => {
	console.log(`the relays start from DUALSLOT_SEED=${SEED}`);
	for (const release of HOLT_RELEASES) {
		buildHolt(release, "calls", "scripts");
	}
}, 30 * MINUTE);

test(
	"a packed store goes from hand to hand in many scripts, and each finds what any has flushed",
	() =>
		relay(
			RELAYS,
			(random, directory, writers) =>
				new PackedRelay(random, directory, writers),
		),
	20 * MINUTE,
);

test(
	"a packed store with a long log does so too",
	() =>
		relay(LONG_RELAYS, (random, directory, writers) => {
			const log = longLog(random);
			writeLog(directory, log);
			return new PackedRelay(random, directory, writers, log.guids);
		}),
	20 * MINUTE,
);

async function relay(
	count: number,
	makeRelay: (
		random: Random,
		directory: string,
		writers: readonly PackedWriter[],
	) => PackedRelay,
): Promise<void> {
	const holts = HOLT_RELEASES.map((release) => new HoltWriter(release));
	const ours = (["in-place", "shadow"] as const).map(
		(rewrite) => new DualslotPackedWriter({ rewrite, checksums: true }),
	);
	await withWriters([...holts, ...ours], (writers) =>
		runScripts(count, (random, parent) =>
			makeRelay(random, join(parent, "store"), writers),
		),
	);
}
