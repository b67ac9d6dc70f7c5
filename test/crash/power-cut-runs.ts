import { assert } from "chai";
import { chosenSeed } from "../support/prng.ts";
import type { Suite } from "../support/suite.ts";
import {
	CUT_CLASSES,
	CUT_MODES,
	type CutGoal,
	cutWorkload,
	isFull,
	type Tally,
} from "./power-cuts.ts";

/** How many times as many images a long run builds, or a mutant's run a part of them. */
const SCALE = Number(process.env.DUALSLOT_CUTS ?? 1);
/** A generous bound: a tally that does not fill up is a failure, not a hang. */
const WORKLOADS_MAX = 20_000;
/** What ends by a bound of its own may take as long as a busy machine needs. */
const TIMEOUT = 3_000_000;

/**
 * Cuts workloads until as many distinct images were recovered as the goal asks for, in all and of each class in each mode.
 * A seed replays the one workload that failed.
 */
export function powerCuts(
	{ test, createHost }: Pick<Suite, "test" | "createHost">,
	name: string,
	pageSizes: readonly number[],
	{ images, perCell }: CutGoal,
): void {
	const body = async () => {
		const given = process.env.DUALSLOT_SEED;
		const base = chosenSeed();
		const goal = { images: images * SCALE, perCell };
		const tally: Tally = { goal, images: new Set(), byClass: new Map() };
		const workloads = given === undefined ? WORKLOADS_MAX : 1;
		for (let count = 0; count < workloads; count += 1) {
			const seed = (base + count) >>> 0;
			try {
				await cutWorkload(seed, pageSizes, tally, createHost);
			} catch (cause) {
				const reason = cause instanceof Error ? cause.message : String(cause);
				throw new Error(
					`${reason}\nreplay: DUALSLOT_SEED=${seed} npx vitest run test/crash -t "${name}"`,
					{ cause },
				);
			}
			if (isFull(tally)) {
				break;
			}
		}
		console.log(`${name}, from seed ${base}:\n${table(tally)}`);
		assert.isTrue(given !== undefined || isFull(tally));
	};
	test(name, body, TIMEOUT);
}

function table({ images, byClass }: Tally): string {
	const classes = [...CUT_CLASSES, "sync", "zeroed slot"];
	const rows = classes.map((cutClass) => {
		const counts = CUT_MODES.map((mode) =>
			String(byClass.get(`${cutClass} / ${mode}`) ?? 0).padStart(8),
		);
		return `  ${cutClass.padEnd(14)}${counts.join("")}`;
	});
	const head = `  ${"".padEnd(14)}${CUT_MODES.map((mode) => mode.padStart(8)).join("")}`;
	return `${head}\n${rows.join("\n")}\n  ${images.size} distinct images`;
}
