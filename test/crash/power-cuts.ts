import { RECORD_SIZE, SLOT_SIZE } from "../../assembly/format.ts";
import { TEMPORARY_FILE } from "../../src/durable-file.ts";
import {
	CrashDisk,
	type CutMode,
	type DiskImage,
	EMPTY_IMAGE,
	hashOf,
	withImage,
} from "../support/crash-disk.ts";
import { CrashLog, type DiskStep } from "../support/crash-log.ts";
import { Random } from "../support/prng.ts";
import type { Suite } from "../support/suite.ts";
import {
	type Phase,
	recoverAndCheck,
	type Shape,
	shapeOf,
	Workload,
} from "./workload.ts";

/** What was on its way when the power went. */
export const CUT_CLASSES = [
	"fresh page",
	"slot 1",
	"slot 2",
	"spill",
	"shrink step 1",
	"shrink step 2",
	"shrink step 3",
	"truncate",
	"create",
	"remove",
	"rename",
] as const;
export type CutClass = (typeof CUT_CLASSES)[number] | "sync" | "zeroed slot";

export const CUT_MODES: readonly CutMode[] = ["prefix", "subset", "reorder"];

/** How many distinct images are to be recovered, in all and of each class in each mode. */
export interface CutGoal {
	readonly images: number;
	readonly perCell: number;
}

/** Distinct images, in all and by `class / mode`. */
export interface Tally {
	readonly goal: CutGoal;
	readonly images: Set<number>;
	readonly byClass: Map<string, number>;
}

const ACTIONS = 40;
/** Images of one step in one mode, while its class is short of them and when it is not. */
const IMAGES_WANTED = 8;
const IMAGES_ENOUGH = 1;
/** One image in so many is worked on further, and cut again at some of its steps. */
const SECOND_CUT_EVERY = 40;
const SECOND_ACTIONS = 3;
const SECOND_CUT_SHARE = 0.25;

interface Run {
	readonly seed: number;
	readonly shape: Shape;
	readonly tally: Tally;
	readonly generation: 1 | 2;
	readonly createHost: Suite["createHost"];
	/** Images that were checked against what the phase they stand in allows. */
	readonly checked: Set<string>;
}

interface Place {
	readonly index: number;
	readonly step: DiskStep;
	readonly previous: DiskStep | undefined;
	readonly phase: Phase;
}

/** Runs one workload, cuts its power at each step in each mode, and checks what every image recovers to. */
export async function cutWorkload(
	seed: number,
	pageSizes: readonly number[],
	tally: Tally,
	createHost: Suite["createHost"],
): Promise<void> {
	const random = new Random(seed);
	const shape = shapeOf(random, pageSizes);
	const run = {
		seed,
		shape,
		tally,
		generation: 1,
		createHost,
		checked: new Set<string>(),
	} as const;
	await cutRun(EMPTY_IMAGE, new Map(), ACTIONS, 1, random, run);
}

/** Lets a workload go on from an image, and cuts it at a share of its steps: recovery itself is among them. */
async function cutRun(
	image: DiskImage,
	found: ReadonlyMap<string, Uint8Array>,
	actions: number,
	share: number,
	random: Random,
	run: Run,
): Promise<void> {
	const { steps, phases } = await logged(image, found, actions, random, run);
	const disk = new CrashDisk(image);
	for (const [index, step] of steps.entries()) {
		if (isFull(run.tally)) {
			return;
		}
		const phase = phases.find(({ from, to }) => from <= index && index < to);
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
async function logged(
	image: DiskImage,
	found: ReadonlyMap<string, Uint8Array>,
	actions: number,
	random: Random,
	{ shape, createHost }: Run,
): Promise<{ steps: readonly DiskStep[]; phases: readonly Phase[] }> {
	return withImage(image, createHost, async (host) => {
		const log = new CrashLog(host);
		log.begin(image.files.keys());
		const workload = new Workload(log, random, shape);
		await workload.begin(found);
		await workload.run(actions);
		await workload.end();
		return { steps: log.steps, phases: workload.phases };
	});
}

async function cutAt(disk: CrashDisk, place: Place, run: Run): Promise<void> {
	const { index, step, phase } = place;
	const cutClass = classOf(place, run.shape.pageSize);
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

async function checkImage(
	image: DiskImage,
	cell: string,
	phase: Phase,
	random: Random,
	run: Run,
): Promise<void> {
	const hash = hashOf(image);
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
	const found = await withImage(image, run.createHost, (host) =>
		recoverAndCheck(host, phase.expected, run.shape),
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

export function isFull({ goal, images, byClass }: Tally): boolean {
	return (
		images.size >= goal.images &&
		CUT_CLASSES.every((cutClass) =>
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
	return images.size < goal.images ? IMAGES_ENOUGH : 0;
}

function classOf({ step, previous, phase }: Place, pageSize: number): CutClass {
	switch (step.kind) {
		case "sync":
		case "syncDirectory":
			return "sync";
		case "make":
		case "makeDirectory":
			return "create";
		case "truncate":
		case "remove":
		case "rename":
			return step.kind;
		case "write":
			return step.path === TEMPORARY_FILE
				? "create"
				: classOfWrite(step, previous, phase, pageSize);
	}
}

function classOfWrite(
	step: Extract<DiskStep, { kind: "write" }>,
	previous: DiskStep | undefined,
	phase: Phase,
	pageSize: number,
): CutClass {
	const stride = pageSize + RECORD_SIZE;
	const start = startInPage(step, stride);
	const { bytes } = step;
	const isShrink = phase.action === "shrink";
	if (isShrink && bytes.length === 2) {
		return bytes.some((byte) => byte > 0) ? "shrink step 2" : "shrink step 3";
	}
	if (bytes.length === SLOT_SIZE && bytes[0] === 0 && bytes[1] === 0) {
		return bytes.some((byte) => byte > 0) ? "shrink step 1" : "zeroed slot";
	}
	if (start === 0) {
		const before =
			previous?.kind === "write" ? startInPage(previous, stride) : 0;
		return before > 0 ? "spill" : "fresh page";
	}
	if (start < pageSize) {
		return start + bytes.length === pageSize ? "slot 2" : "slot 1";
	}
	return bytes.length === SLOT_SIZE ? "slot 2" : "spill";
}

function startInPage(
	{ offset }: Extract<DiskStep, { kind: "write" }>,
	stride: number,
): number {
	return (offset - 8) % stride;
}
