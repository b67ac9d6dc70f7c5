import {
	HEADER_SIZE,
	RECORD_SIZE,
	SLOT_LENGTH_SIZE,
	SLOT_SIZE,
} from "../../assembly/format.ts";
import { TEMPORARY_FILE } from "../../src/host/durable-file.ts";
import type { DiskStep } from "../support/disks/crash-log.ts";
import type { Random } from "../support/runs/prng.ts";
import { INDEX, VALUES } from "../support/stores/journal-store.ts";
import {
	type FoundJournal,
	type JournalExpectation,
	recoverAndCheckJournal,
} from "./journal-expectation.ts";
import { type JournalShape, journalShape } from "./journal-kinds.ts";
import { JournalWorkload } from "./journal-workload.ts";
import {
	aheadOf,
	classOfPageWrite,
	classOfZeros,
	ZEROS_AFTER,
} from "./paged-cuts.ts";
import {
	type CutPlace,
	phasesOf,
	type Scenario,
	type ScenarioKind,
} from "./power-cuts.ts";

const CLASSES = {
	fixed: [
		...["fresh page", "slot 1", "slot 2", "spill"],
		...["shrink step 1", "shrink step 2", "shrink step 3"],
		...["rewind", "prune", "create", "remove", "rename"],
	],
	get oversized() {
		return [...this.fixed, "value write", "orphan removal", "repair"];
	},
	get variable() {
		return [...this.fixed, "torn item"];
	},
};
const OTHER_CLASSES = {
	fixed: ["sync", "zeroed slot", "repair"],
	oversized: ["sync", "zeroed slot"],
	variable: ["sync", "zeroed slot", "repair"],
};

const ACTIONS = 30;

/** Power cuts of a journal whose pages have one of these sizes, in a store with dualslot's own files or without. */
export function journalCuts(
	kind: JournalShape["kind"],
	pageSizes: readonly number[],
	metadata = true,
	erase = false,
	hasZeros = false,
	pairs?: JournalShape["pairs"],
): ScenarioKind<JournalExpectation, FoundJournal> {
	const create = (
		random: Random,
	): Scenario<JournalExpectation, FoundJournal> => {
		const plain = journalShape(random, kind, pageSizes, metadata);
		const ahead = hasZeros ? aheadOf(plain, random) : 0;
		const shape = { ...plain, erase, ahead, pairs };
		return {
			actions: ACTIONS,
			zerosAfter: ZEROS_AFTER,
			nothing: new Map(),
			run: (log, found, actions, choices) =>
				phasesOf(new JournalWorkload(log, choices, shape), found, actions),
			check: (host, expected) => recoverAndCheckJournal(host, expected, shape),
			classOf: (place) => classOfZeros(place) ?? classOf(place, shape.pageSize),
		};
	};
	// What is removed besides is dualslot's own.
	const known = CLASSES[kind].filter((one) => metadata || one !== "remove");
	const classes = hasZeros ? [...known, "zeros"] : known;
	return { classes, otherClasses: OTHER_CLASSES[kind], create };
}

function classOf(
	{ step, previous, phase: { action } }: CutPlace<JournalExpectation>,
	pageSize: number,
): string | undefined {
	// The harm that another writer did is whole when the journal is opened.
	if (action === "loss") {
		return undefined;
	}
	switch (step.kind) {
		case "sync":
		case "syncDirectory":
			return "sync";
		case "make":
		case "makeDirectory":
			return "create";
		case "rename":
			return "rename";
		case "truncate":
			return classOfTruncate(action);
		case "remove":
			return classOfRemoval(step.path, action);
		case "write":
			if (step.path === TEMPORARY_FILE) {
				return "create";
			}
			if (step.path.startsWith(`${VALUES}/`)) {
				return "value write";
			}
			if (!step.path.startsWith(`${INDEX}/`)) {
				return "create";
			}
			if (action === "open") {
				return "repair";
			}
			return action === "append" && isShrink(step, pageSize)
				? "torn item"
				: classOfPageWrite(step, previous, action === "rewind", pageSize);
	}
}

/** Whether a write belongs to a cut within a page: a slot without its length, or a length alone. */
function isShrink(
	{ bytes, offset }: Extract<DiskStep, { kind: "write" }>,
	pageSize: number,
): boolean {
	const inPage = (offset - HEADER_SIZE) % (pageSize + RECORD_SIZE);
	const isSlot = bytes.length === SLOT_SIZE && bytes[0] === 0 && bytes[1] === 0;
	return inPage >= pageSize && (isSlot || bytes.length === SLOT_LENGTH_SIZE);
}

/** An append cuts only what is left of an item that is not whole. */
function classOfTruncate(action: string): string {
	switch (action) {
		case "open":
			return "repair";
		case "append":
			return "torn item";
		default:
			return action;
	}
}

function classOfRemoval(path: string, action: string): string {
	if (action === "open" && path.startsWith(`${VALUES}/`)) {
		return "orphan removal";
	}
	return ["prune", "rewind"].includes(action) ? action : "remove";
}
