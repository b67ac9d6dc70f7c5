import type { Host } from "../../src/host/host.ts";
import {
	CrashDisk,
	type CutMode,
	type DiskImage,
	EMPTY_IMAGE,
	type Medium,
} from "../support/disks/crash-disk.ts";
import { CrashLog, type DiskStep } from "../support/disks/crash-log.ts";
import { Random } from "../support/runs/prng.ts";

/** The steps of the log from `from` up to `to` belong to a phase in which `expected` may be found. */
export interface Phase<Expected> {
	readonly from: number;
	readonly to: number;
	readonly expected: Expected;
	readonly action: string;
}

/** Takes a step of a workload, and answers the phase of the log that it made. */
export async function loggedPhase<Expected>(
	log: CrashLog,
	action: string,
	expected: Expected,
	step: () => Promise<void>,
): Promise<Phase<Expected>> {
	const from = log.steps.length;
	await step();
	return { from, to: log.steps.length, expected, action };
}

/** A step at which the power is cut. */
export interface CutPlace<Expected> {
	readonly index: number;
	readonly step: DiskStep;
	readonly previous: DiskStep | undefined;
	readonly phase: Phase<Expected>;
}

/** One workload of a seed: `Expected` is what may be found in a phase, `Found` what recovery found. */
export interface Scenario<Expected, Found> {
	/** How many actions the first generation has. */
	readonly actions: number;
	/** What is found on an empty disk. */
	readonly nothing: Found;
	/** After how many synced growths a file gets zeros ahead; by default none does. */
	readonly zerosAfter?: number;
	/** Goes on from what was found, for so many actions, and answers what may be found at each step. */
	run(
		log: CrashLog,
		found: Found,
		actions: number,
		random: Random,
	): Promise<readonly Phase<Expected>[]>;
	/** Recovers what a cut left; throws what is wrong with it. */
	check(host: Host, expected: Expected): Promise<Found>;
	/** What was on its way when the power went; undefined where it is not to go. */
	classOf(place: CutPlace<Expected>): string | undefined;
}

/** A writer that does what a seed says, and knows at each step of the log what may be found. */
interface LoggedWorkload<Expected, Found> {
	readonly phases: readonly Phase<Expected>[];
	begin(found: Found): Promise<void>;
	run(actions: number): Promise<void>;
	end(): Promise<void>;
}

/** The phases of a workload that goes on from what was found, for so many actions, to its end. */
export async function phasesOf<Expected, Found>(
	workload: LoggedWorkload<Expected, Found>,
	found: Found,
	actions: number,
): Promise<readonly Phase<Expected>[]> {
	await workload.begin(found);
	await workload.run(actions);
	await workload.end();
	return workload.phases;
}

/** Scenarios of one kind, and the classes of cuts that they must come to, and may. */
export interface ScenarioKind<Expected, Found> {
	readonly classes: readonly string[];
	readonly otherClasses: readonly string[];
	create(random: Random): Scenario<Expected, Found>;
}

export const CUT_MODES: readonly CutMode[] = ["prefix", "subset", "reorder"];

/** How many distinct images are to be recovered, in all and of each class in each mode. */
export interface CutGoal {
	readonly images: number;
	readonly perCell: number;
	/** Images of one step in one mode while its class is not short of them; 1 by default. A workload costs as much as many of them. */
	readonly perStep?: number;
}

/** Distinct images, in all and by `class / mode`. */
export interface Tally {
	readonly goal: CutGoal;
	readonly classes: readonly string[];
	readonly images: Set<number>;
	readonly byClass: Map<string, number>;
}

/** Images of one step in one mode while its class is short of them. */
const IMAGES_WANTED = 8;
/** One image in so many is worked on further, and cut again at some of its steps. */
const SECOND_CUT_EVERY = 40;
const SECOND_ACTIONS = 3;
const SECOND_CUT_SHARE = 0.25;

interface Run<Expected, Found, Bytes> {
	readonly seed: number;
	readonly scenario: Scenario<Expected, Found>;
	readonly tally: Tally;
	readonly generation: 1 | 2;
	readonly medium: Medium<Bytes>;
	/** Images that were checked against what the phase they stand in allows. */
	readonly checked: Set<string>;
}

/** Runs one workload, cuts its power at each step in each mode, and checks what every image recovers to. */
export async function cutWorkload<Expected, Found, Bytes>(
	seed: number,
	kind: ScenarioKind<Expected, Found>,
	tally: Tally,
	medium: Medium<Bytes>,
): Promise<void> {
	const random = new Random(seed);
	const scenario = kind.create(random);
	const run = {
		seed,
		scenario,
		tally,
		generation: 1,
		medium,
		checked: new Set<string>(),
	} as const;
	const { nothing, actions } = scenario;
	await cutRun(EMPTY_IMAGE, nothing, actions, 1, random, run);
}

/** Lets a workload go on from an image, and cuts it at a share of its steps: recovery itself is among them. */
async function cutRun<Expected, Found, Bytes>(
	image: DiskImage<Bytes>,
	found: Found,
	actions: number,
	share: number,
	random: Random,
	run: Run<Expected, Found, Bytes>,
): Promise<void> {
	const { steps, phases } = await logged(image, found, actions, random, run);
	const disk = new CrashDisk(image, run.medium.model);
	for (const [index, step] of steps.entries()) {
		if (isFull(run.tally)) {
			return;
		}
		// What is done in the background between two phases finds what the later one may.
		const phase = phases.find(({ to }) => index < to);
		if (phase === undefined) {
			throw new Error(`step ${index} belongs to no phase`);
		}
		if (random.chance(share)) {
			const previous = steps[index - 1];
			await cutAt(disk, { index, step, previous, phase }, run);
		}
		disk.take(step);
	}
}

/** Every step that a workload takes when it goes on from an image. */
async function logged<Expected, Found, Bytes>(
	image: DiskImage<Bytes>,
	found: Found,
	actions: number,
	random: Random,
	{ scenario, medium }: Run<Expected, Found, Bytes>,
): Promise<{ steps: readonly DiskStep[]; phases: readonly Phase<Expected>[] }> {
	return medium.withImage(image, async (host) => {
		const log = new CrashLog(host, scenario.zerosAfter);
		log.begin(image.files.keys());
		const phases = await scenario.run(log, found, actions, random);
		return { steps: log.steps, phases };
	});
}

async function cutAt<Expected, Found, Bytes>(
	disk: CrashDisk<Bytes>,
	place: CutPlace<Expected>,
	run: Run<Expected, Found, Bytes>,
): Promise<void> {
	const { index, step, phase } = place;
	const cutClass = run.scenario.classOf(place);
	if (cutClass === undefined) {
		return;
	}
	for (const [modeIndex, mode] of CUT_MODES.entries()) {
		const cell = `${cutClass} / ${mode}`;
		const images = imagesDue(cell, run.tally);
		for (let count = 0; count < images; count += 1) {
			// Each image has a seed of its own: whichever others are built, a replay builds this one too.
			const random = new Random(
				run.seed + Math.imul(index * 3 + modeIndex, 0x9e3779b1) + count * 977,
			);
			const image = disk.cut(mode, step, random);
			try {
				await checkImage(image, cell, phase, random, run);
			} catch (cause) {
				const reason = cause instanceof Error ? cause.message : String(cause);
				throw new Error(
					`cut ${run.generation} of seed ${run.seed} at step ${index} (${cell}), during ${phase.action}: ${reason}`,
					{ cause },
				);
			}
		}
	}
}

async function checkImage<Expected, Found, Bytes>(
	image: DiskImage<Bytes>,
	cell: string,
	phase: Phase<Expected>,
	random: Random,
	run: Run<Expected, Found, Bytes>,
): Promise<void> {
	const hash = run.medium.model.hashOf(image);
	const { images, byClass } = run.tally;
	if (!images.has(hash)) {
		images.add(hash);
		byClass.set(cell, (byClass.get(cell) ?? 0) + 1);
	}
	const key = `${hash}:${phase.from}:${phase.to}`;
	if (run.checked.has(key)) {
		return;
	}
	run.checked.add(key);
	const found = await run.medium.withImage(image, (host) =>
		run.scenario.check(host, phase.expected),
	);
	if (run.generation === 1 && random.chance(1 / SECOND_CUT_EVERY)) {
		const seed = random.word();
		const again = {
			...run,
			seed,
			generation: 2,
			checked: new Set<string>(),
		} as const;
		await cutRun(
			image,
			found,
			SECOND_ACTIONS,
			SECOND_CUT_SHARE,
			new Random(seed),
			again,
		);
	}
}

export function isFull({ goal, classes, images, byClass }: Tally): boolean {
	return (
		images.size >= goal.images &&
		classes.every((cutClass) =>
			CUT_MODES.every(
				(mode) => (byClass.get(`${cutClass} / ${mode}`) ?? 0) >= goal.perCell,
			),
		)
	);
}

/** A cell that is short of images gets many of each step; once all is there but for some cells, the others get none. */
function imagesDue(cell: string, { goal, images, byClass }: Tally): number {
	if ((byClass.get(cell) ?? 0) < goal.perCell) {
		return IMAGES_WANTED;
	}
	return images.size < goal.images ? (goal.perStep ?? 1) : 0;
}
