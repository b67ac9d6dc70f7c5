import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, test } from "vitest";
import { SCRATCH } from "../support/disks/scratch.ts";
import { chosenSeed, Random } from "../support/runs/prng.ts";
import { sharedRounds } from "../support/runs/share.ts";
import {
	SCRIPTED_KINDS,
	type ScriptedKind,
} from "../support/rust/script-shape.ts";
import { Crossing } from "./crossing.ts";
import { buildProgram, CommonwareProgram, type Release } from "./programs.ts";
import { randomShape } from "./shapes.ts";
import { CommonwareWriter, DualslotWriter } from "./writers.ts";

/** Of each kind, with each release. */
const SCRIPTS = 260;
const MINUTE = 60_000;
const MEMORY = 4 * 1024 * 1024;
const SEED = chosenSeed();

/** Random scripts of every kind, done by one release and by dualslot. */
export function scriptsWith(release: Release): void {
	beforeAll(() => {
		console.log(`the scripts start from DUALSLOT_SEED=${SEED}`);
		buildProgram(release, "scripts");
	}, 30 * MINUTE);

	for (const kind of SCRIPTED_KINDS) {
		test(
			`scripts of ${kind} come to the same here and in commonware ${release}`,
			() => runScripts(release, kind),
			20 * MINUTE,
		);
	}
}

async function runScripts(release: Release, kind: ScriptedKind): Promise<void> {
	const program = new CommonwareProgram(release, "scripts");
	try {
		for (const script of sharedRounds(SCRIPTS, `scripts of ${kind}`)) {
			await runScript(new Random(SEED + script), release, kind, program);
		}
	} finally {
		program.stop();
	}
}

async function runScript(
	random: Random,
	release: Release,
	kind: ScriptedKind,
	program: CommonwareProgram,
): Promise<void> {
	const parent = mkdtempSync(join(SCRATCH, "dualslot-interop-"));
	const shape = randomShape(random, kind);
	const metadata = random.integer(0, 4) > 0;
	const dualslot = new DualslotWriter({ memory: MEMORY, metadata });
	const commonware = new CommonwareWriter(program);
	const cutsAlike = release !== "2026.4.0" || kind === "glob";
	const crossing = new Crossing(random, {
		...{ shape, parent, cutsAlike },
		writers: [dualslot, commonware],
	});
	try {
		await crossing.run();
	} catch (cause) {
		const script = [JSON.stringify(shape), ...crossing.lines].join("\n");
		throw new Error(
			`fails with DUALSLOT_SEED=${random.seed} as the first of ${kind}: ${cause instanceof Error ? cause.message : cause}\n${script}`,
			{ cause },
		);
	} finally {
		await dualslot.drop();
		rmSync(parent, { recursive: true });
	}
}
