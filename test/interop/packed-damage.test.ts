import { join } from "node:path";
import { assert } from "chai";
import { beforeAll, test } from "vitest";
import type { Random } from "../support/runs/prng.ts";
import {
	type DamagedManifest,
	GUIDS,
	JUDGED_MANIFESTS,
	randomDamagedManifest,
} from "./damaged-manifests.ts";
import { buildHolt, HOLT_RELEASES } from "./holt-programs.ts";
import {
	type RandomScript,
	runScripts,
	SEED,
	withWriters,
} from "./packed-runs.ts";
import { inScratch } from "./packed-scratch.ts";
import { isSameVerdict, type Verdict, verdictOf } from "./packed-verdicts.ts";
import {
	DualslotPackedWriter,
	HoltWriter,
	type PackedWriter,
} from "./packed-writers.ts";

const DAMAGES = 500;
const MINUTE = 60_000;

beforeAll(() => {
	console.log(`the damages start from DUALSLOT_SEED=${SEED}`);
	for (const release of HOLT_RELEASES) {
		buildHolt(release, "calls", "scripts");
	}
}, 30 * MINUTE);

test(`${JUDGED_MANIFESTS.length} damaged manifests are judged as holt is known to judge them, by both releases and by holt's verdicts here`, () =>
	withWriters(judges(), (writers) =>
		inScratch(async (parent) => {
			const frames = await someFrames(parent);
			for (const [index, damage] of JUDGED_MANIFESTS.entries()) {
				const place = join(parent, String(index));
				for (const verdict of await verdictsOf(
					writers,
					place,
					damage,
					frames,
				)) {
					const [answer = ""] = verdict.answers;
					assert.equal(answer, damage.verdict, damage.name);
					const [log = ""] = verdict.logs;
					assert.equal(log.length / 2, damage.left, damage.name);
				}
			}
		}),
	));

test(
	"randomly damaged manifests are judged alike by both releases of holt and by holt's verdicts here",
	() =>
		withWriters(judges(), (writers) =>
			inScratch(async (parent) => {
				const frames = await someFrames(parent);
				await runScripts(DAMAGES, (random, place) =>
					judging(random, place, frames, writers),
				);
			}),
		),
	20 * MINUTE,
);

/** Ours is the first. */
function judges(): readonly PackedWriter[] {
	const ours = new DualslotPackedWriter({ verdicts: "holt-0.7.1" });
	const holts = HOLT_RELEASES.map((release) => new HoltWriter(release));
	return [ours, ...holts];
}

function judging(
	random: Random,
	parent: string,
	frames: string,
	writers: readonly PackedWriter[],
): RandomScript {
	const damage = randomDamagedManifest(random);
	const { log, snapshot } = damage;
	const lines = [
		`log ${log.toString("hex")}`,
		`snapshot ${snapshot?.toString("hex")}`,
	];
	const run = async () => {
		const place = join(parent, "store");
		const [ours, ...holts] = await verdictsOf(writers, place, damage, frames);
		for (const verdict of holts) {
			if (ours === undefined || !isSameVerdict(ours, verdict, damage)) {
				const [one, other] = [ours, verdict].map((each) =>
					JSON.stringify(each),
				);
				throw new Error(`ours is\n${one}\nholt's is\n${other}`);
			}
		}
	};
	return { lines, run };
}

function verdictsOf(
	writers: readonly PackedWriter[],
	place: string,
	damage: DamagedManifest,
	frames: string,
): Promise<Verdict[]> {
	return Promise.all(
		writers.map((writer, index) =>
			verdictOf(writer, `${place}-${index}`, damage, frames),
		),
	);
}

/** A blobs.dat with a frame of its own in each of the first slots; nothing that is done to a damaged manifest changes it. */
async function someFrames(parent: string): Promise<string> {
	const writer = new DualslotPackedWriter({});
	const directory = join(parent, "frames");
	await writer.open(directory);
	const writes = GUIDS.map((guid, fill) => `${guid}:${fill}`);
	await writer.ask(`write_many ${writes.join(" ")}`);
	await writer.ask("close");
	return join(directory, "blobs.dat");
}
