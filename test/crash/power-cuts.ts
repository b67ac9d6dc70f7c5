import { RECORD_SIZE, SLOT_SIZE } from "../../assembly/format.ts";
import { TEMPORARY_FILE } from "../../src/durable-file.ts";
import {
	CrashDisk,
	type CutMode,
	type DiskImage,
	hashOf,
	hostOf,
} from "../support/crash-disk.ts";
import { CrashLog, type DiskStep } from "../support/crash-log.ts";
import { Random } from "../support/prng.ts";
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

/** Distinct images, in all and by `class / mode`. */
export interface Tally {
	readonly images: Set<number>;
	readonly byClass: Map<string, number>;
}

const EMPTY: DiskImage = { directories: new Set([""]), files: new Map() };
const ACTIONS = 40;
const IMAGES_PER_STEP = { prefix: 2, subset: 4, reorder: 4 };
/** One image in so many is worked on further, and cut again. */
const SECOND_CUT_EVERY = 40;
const SECOND_CUT_STEPS = 8;

interface Run {
	readonly seed: number;
	readonly random: Random;
	readonly shape: Shape;
	readonly tally: Tally;
	/** Images that were checked against what the phase they stand in allows. */
	readonly checked: Set<string>;
	count: number;
}

/** Runs one workload, cuts its power at each step in each mode, and checks what every image recovers to. */
export async function cutWorkload(
	seed: number,
	pageSizes: readonly number[],
	tally: Tally,
): Promise<void> {
	const random = new Random(seed);
	const shape = shapeOf(random, pageSizes);
	const run = {
		seed,
		random,
		shape,
		tally,
		checked: new Set<string>(),
		count: 0,
	};
	const { log, phases } = await logged(EMPTY, new Map(), ACTIONS, run);
	const disk = new CrashDisk(EMPTY);
	for (const [index, step] of log.steps.entries()) {
		await cutAt(disk, index, step, log.steps[index - 1], phases, run, true);
		disk.take(step);
	}
}

async function logged(
	image: DiskImage,
	found: ReadonlyMap<string, Uint8Array>,
	actions: number,
	{ random, shape }: Run,
): Promise<{ log: CrashLog; phases: readonly Phase[] }> {
	const log = new CrashLog(await hostOf(image));
	log.begin(image.files.keys());
	const workload = new Workload(log, random, shape);
	await workload.begin(found);
	await workload.run(actions);
	await workload.end();
	return { log, phases: workload.phases };
}

async function cutAt(
	disk: CrashDisk,
	index: number,
	step: DiskStep,
	previous: DiskStep | undefined,
	phases: readonly Phase[],
	run: Run,
	isFirst: boolean,
): Promise<void> {
	const phase = phases.find(({ from, to }) => from <= index && index < to);
	if (phase === undefined) {
		throw new Error(`step ${index} belongs to no phase`);
	}
	const cutClass = classOf(step, previous, phase, run.shape.pageSize);
	for (const mode of CUT_MODES) {
		for (let count = 0; count < IMAGES_PER_STEP[mode]; count += 1) {
			const image = disk.cut(mode, step, run.random);
			const place = `seed ${run.seed}, step ${index} (${step.kind}, ${cutClass}), ${mode}`;
			await checkImage(
				image,
				`${cutClass} / ${mode}`,
				phase,
				place,
				run,
				isFirst,
			);
		}
	}
}

async function checkImage(
	image: DiskImage,
	cell: string,
	phase: Phase,
	place: string,
	run: Run,
	isFirst: boolean,
): Promise<void> {
	const hash = hashOf(image);
	const { images, byClass } = run.tally;
	if (!images.has(hash)) {
		images.add(hash);
		byClass.set(cell, (byClass.get(cell) ?? 0) + 1);
	}
	const key = `${hash}:${phase.from}:${phase.to}:${isFirst}`;
	if (run.checked.has(key)) {
		return;
	}
	run.checked.add(key);
	try {
		const host = await hostOf(image);
		const found = await recoverAndCheck(host, phase.expected, run.shape);
		run.count += 1;
		if (isFirst && run.count % SECOND_CUT_EVERY === 0) {
			await cutAgain(image, found, run);
		}
	} catch (cause) {
		const reason = cause instanceof Error ? cause.message : String(cause);
		throw new Error(`${place}, during ${phase.action}: ${reason}`, { cause });
	}
}

/** Goes on from a recovered image, and cuts that too: recovery itself is among what is cut. */
async function cutAgain(
	image: DiskImage,
	found: ReadonlyMap<string, Uint8Array>,
	run: Run,
): Promise<void> {
	const { log, phases } = await logged(image, found, 3, run);
	const chosen = new Set(
		run.random
			.shuffle(log.steps.map((_, index) => index))
			.slice(0, SECOND_CUT_STEPS),
	);
	const disk = new CrashDisk(image);
	for (const [index, step] of log.steps.entries()) {
		if (chosen.has(index)) {
			await cutAt(disk, index, step, log.steps[index - 1], phases, run, false);
		}
		disk.take(step);
	}
}

function classOf(
	step: DiskStep,
	previous: DiskStep | undefined,
	phase: Phase,
	pageSize: number,
): CutClass {
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
