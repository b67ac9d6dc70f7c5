import { assert } from "chai";
import {
	type Medium,
	WHOLE_FILES,
	withImage,
} from "../support/disks/crash-disk.ts";
import { chosenSeed } from "../support/runs/prng.ts";
import { shareOf, tellCount } from "../support/runs/share.ts";
import type { Suite } from "../support/runs/suite.ts";
import {
	CUT_MODES,
	type CutGoal,
	cutWorkload,
	isFull,
	type ScenarioKind,
	type Tally,
} from "./power-cuts.ts";

/** Of each class in each mode one is cut, however small the share, and some in all. */
const PER_CELL_LEAST = 1;
const IMAGES_LEAST = 20;
/** A generous bound: a tally that does not fill up is a failure, not a hang. */
const WORKLOADS_MAX = 20_000;
/** What ends by a bound of its own may take as long as a busy machine needs. */
const TIMEOUT = 3_000_000;

/**
 * Cuts workloads until as many distinct images were recovered as the goal asks for, in all and of each class in each mode.
 * A seed replays the one workload that failed.
 */
export function powerCuts<Expected, Found>(
	{ test, createHost }: Pick<Suite, "test" | "createHost">,
	name: string,
	kind: ScenarioKind<Expected, Found>,
	goal: CutGoal,
): void {
	const medium: Medium<Uint8Array> = {
		model: WHOLE_FILES,
		withImage: (image, body) => withImage(image, createHost, body),
	};
	powerCutsOn(medium, test, name, kind, goal);
}

/** As powerCuts, over files that are held in any way. */
export function powerCutsOn<Expected, Found, Bytes>(
	medium: Medium<Bytes>,
	test: Suite["test"],
	name: string,
	kind: ScenarioKind<Expected, Found>,
	{ images, perCell, perStep }: CutGoal,
): void {
	const body = async () => {
		const given = process.env.DUALSLOT_SEED;
		const base = chosenSeed();
		const goal = {
			images: shareOf(images, IMAGES_LEAST),
			perCell: shareOf(perCell, PER_CELL_LEAST),
			...(perStep !== undefined && { perStep }),
		};
		const { classes } = kind;
		const tally: Tally = {
			...{ goal, classes },
			images: new Set(),
			byClass: new Map(),
		};
		const workloads = given === undefined ? WORKLOADS_MAX : 1;
		for (let count = 0; count < workloads; count += 1) {
			const seed = (base + count) >>> 0;
			try {
				await cutWorkload(seed, kind, tally, medium);
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
		console.log(
			`${name}, from seed ${base}:\n${table(tally, kind.otherClasses)}`,
		);
		tellCount(tally.images.size, "distinct images of a power cut");
		assert.isTrue(given !== undefined || isFull(tally));
	};
	test(name, body, TIMEOUT);
}

function table(
	{ classes: required, byClass }: Tally,
	others: readonly string[],
): string {
	const classes = [...required, ...others];
	const rows = classes.map((cutClass) => {
		const counts = CUT_MODES.map((mode) =>
			String(byClass.get(`${cutClass} / ${mode}`) ?? 0).padStart(8),
		);
		return `  ${cutClass.padEnd(14)}${counts.join("")}`;
	});
	const head = `  ${"".padEnd(14)}${CUT_MODES.map((mode) => mode.padStart(8)).join("")}`;
	return `${head}\n${rows.join("\n")}`;
}
