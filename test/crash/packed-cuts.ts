import { TEMPORARY_FILE } from "../../src/host/durable-file.ts";
import type { Host } from "../../src/host/host.ts";
import { FRAMES_PATH } from "../../src/packed/frames/frame-file.ts";
import { CHECKSUMS_PATH } from "../../src/packed/frames/frame-records.ts";
import { LOG_PATH } from "../../src/packed/manifest/manifest-log.ts";
import { PackedStore } from "../../src/packed/packed-store.ts";
import { RECORD_FILE } from "../../src/storage/own-files/close-record.ts";
import type { CrashLog, DiskStep } from "../support/disks/crash-log.ts";
import type { Random } from "../support/runs/prng.ts";
import { IS_SPARSE } from "../support/runs/share.ts";
import {
	type FoundPacked,
	type PackedExpectation,
	requireErased,
	requireExpectedFrames,
} from "./packed-expectation.ts";
import {
	NOTHING_FOUND,
	openOptions,
	type PackedShape,
	PackedWorkload,
} from "./packed-workload.ts";
import type { CutPlace, ScenarioKind } from "./power-cuts.ts";

const CLASSES = [
	...["room", "frame write", "frame sync"],
	...["checksum write", "checksum sync"],
	...["log append", "log sync"],
	...["fold", "names", "record", "recovery"],
];

const ACTIONS = 24;
/** Only a long log is folded up, and every open reads all of it: few are long, unless a fold is all that a run still lacks. */
const LONG_LOGS = 0.05;
const LONG_LOGS_SPARSE = 0.25;

/** Power cuts of a packed store that writes frames anew in one way. */
export function packedCuts(
	rewrite: PackedShape["rewrite"],
	erase = false,
): ScenarioKind<PackedExpectation, FoundPacked> {
	const create = (random: Random) => {
		const shape = { ...shapeOf(rewrite, random), erase };
		return {
			actions: ACTIONS,
			nothing: NOTHING_FOUND,
			run: async (
				log: CrashLog,
				found: FoundPacked,
				actions: number,
				choices: Random,
			) => {
				const workload = new PackedWorkload(log, choices, shape);
				await workload.begin(found);
				await workload.run(actions);
				await workload.end();
				return workload.phases;
			},
			check: (host: Host, expected: PackedExpectation) =>
				recoverAndCheckPacked(host, expected, shape),
			classOf,
		};
	};
	return { classes: CLASSES, otherClasses: [], create };
}

function shapeOf(rewrite: PackedShape["rewrite"], random: Random): PackedShape {
	const isLong = random.chance(IS_SPARSE ? LONG_LOGS_SPARSE : LONG_LOGS);
	const roomInLog = isLong ? random.integer(0, 4) : undefined;
	const { checksums } = random.pick([
		{ checksums: undefined },
		{ checksums: true },
		{ checksums: false },
	]);
	return { rewrite, checksums, roomInLog };
}

async function recoverAndCheckPacked(
	host: Host,
	expected: PackedExpectation,
	shape: PackedShape,
): Promise<FoundPacked> {
	await requireErased(host, expected);
	const store = await PackedStore.open(host, openOptions(shape));
	try {
		return await requireExpectedFrames(store, expected);
	} finally {
		await store.drop();
	}
}

function classOf({
	step,
	phase: { action },
}: CutPlace<PackedExpectation>): string | undefined {
	// What somebody else has left is whole when the store is opened.
	if (action === "prepare" || action === "foreign") {
		return undefined;
	}
	if (action === "open") {
		return "recovery";
	}
	if (isOfRecord(step)) {
		return "record";
	}
	switch (step.kind) {
		case "make":
		case "makeDirectory":
		case "syncDirectory":
			return "names";
		case "rename":
		case "remove":
			return "fold";
		default:
			return classOfFileStep(step);
	}
}

/** What a clean close writes down, and the first change of a session removes. */
function isOfRecord(step: DiskStep): boolean {
	const path = step.kind === "rename" ? step.to : step.path;
	return path === RECORD_FILE || path === TEMPORARY_FILE;
}

function classOfFileStep({
	kind,
	path,
}: Extract<
	DiskStep,
	{ kind: "allocate" | "write" | "truncate" | "sync" }
>): string {
	const isSync = kind === "sync";
	switch (path) {
		case FRAMES_PATH:
			if (kind === "allocate") {
				return "room";
			}
			return isSync ? "frame sync" : "frame write";
		case CHECKSUMS_PATH:
			return isSync ? "checksum sync" : "checksum write";
		case LOG_PATH:
			if (kind === "truncate") {
				return "fold";
			}
			return isSync ? "log sync" : "log append";
		default:
			return "fold";
	}
}
