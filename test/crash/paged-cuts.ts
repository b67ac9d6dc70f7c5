import {
	RECORD_SIZE,
	SLOT_LENGTH_SIZE,
	SLOT_SIZE,
} from "../../assembly/format.ts";
import { TEMPORARY_FILE } from "../../src/host/durable-file.ts";
import type { DiskStep } from "../support/disks/crash-log.ts";
import type { Random } from "../support/runs/prng.ts";
import { type Expectation, recoverAndCheck } from "./paged-expectation.ts";
import {
	type CutPlace,
	phasesOf,
	type Scenario,
	type ScenarioKind,
} from "./power-cuts.ts";
import { shapeOf, Workload } from "./workload.ts";

const CLASSES = [
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
	"unawaited",
] as const;
const OTHER_CLASSES = ["sync", "zeroed slot"] as const;
type PagedClass = (typeof CLASSES)[number] | (typeof OTHER_CLASSES)[number];

const ACTIONS = 40;
/** So few synced growths that most blobs of a workload get zeros. */
export const ZEROS_AFTER = 1;
/** In pages. */
const AHEAD = [3, 8, 20] as const;

/** Zeros ahead that end within a page, now and then. */
export function aheadOf(
	{ pageSize }: { readonly pageSize: number },
	random: Random,
): number {
	const pages = random.pick(AHEAD) * (pageSize + RECORD_SIZE);
	return pages + random.integer(0, pageSize);
}

/** The class of a write of zeros ahead. */
export function classOfZeros({ step }: CutPlace<unknown>): "zeros" | undefined {
	return step.kind === "write" && step.background ? "zeros" : undefined;
}

/** Power cuts of paged blobs, with pages of one of these sizes, in stores with dualslot's own files or without. */
export function pagedCuts(
	pageSizes: readonly number[],
	metadata = true,
	erase = false,
	hasZeros = false,
): ScenarioKind<Expectation, ReadonlyMap<string, Uint8Array>> {
	const create = (
		random: Random,
	): Scenario<Expectation, ReadonlyMap<string, Uint8Array>> => {
		const plain = { ...shapeOf(random, pageSizes, metadata), erase };
		const shape = { ...plain, ahead: hasZeros ? aheadOf(plain, random) : 0 };
		return {
			actions: ACTIONS,
			zerosAfter: ZEROS_AFTER,
			nothing: new Map(),
			run: (log, found, actions, choices) =>
				phasesOf(new Workload(log, choices, shape), found, actions),
			check: (host, expected) => recoverAndCheck(host, expected, shape),
			classOf: (place) =>
				classOfZeros(place) ??
				(erase && isErasing(place)
					? "erasing"
					: classOfPaged(place, shape.pageSize)),
		};
	};
	const classes = [
		...CLASSES,
		...(erase ? ["erasing"] : []),
		...(hasZeros ? ["zeros"] : []),
	];
	return { classes, otherClasses: OTHER_CLASSES, create };
}

/** Whether zeros are written over what was cut, and not over a length alone. */
function isErasing({ step, phase }: CutPlace<unknown>): boolean {
	return (
		phase.action === "shrink" &&
		step.kind === "write" &&
		step.bytes.length > SLOT_LENGTH_SIZE &&
		step.bytes.every((byte) => byte === 0)
	);
}

/** What a step of the paged blobs is; `truncate`, `remove` and `rename` by their kind, and what nobody awaited by that. */
function classOfPaged(
	{ step, previous, phase }: CutPlace<unknown>,
	pageSize: number,
): PagedClass {
	if (phase.action === "unawaited" && step.kind !== "sync") {
		return "unawaited";
	}
	switch (step.kind) {
		case "sync":
		case "syncDirectory":
			return "sync";
		case "make":
		case "makeDirectory":
			return "create";
		case "allocate":
		case "truncate":
			return "truncate";
		case "remove":
		case "rename":
			return step.kind;
		case "write":
			return step.path === TEMPORARY_FILE
				? "create"
				: classOfPageWrite(step, previous, phase.action === "shrink", pageSize);
	}
}

/** What a write of an index's page is. */
export function classOfPageWrite(
	step: Extract<DiskStep, { kind: "write" }>,
	previous: DiskStep | undefined,
	isShrink: boolean,
	pageSize: number,
): PagedClass {
	const stride = pageSize + RECORD_SIZE;
	const start = startInPage(step, stride);
	const { bytes } = step;
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
