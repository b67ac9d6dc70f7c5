import { test } from "vitest";
import { FRAMES_PATH } from "../../src/packed/frames/frame-file.ts";
import { sparseMedium } from "../support/disks/sparse-disk.ts";
import { inMemory } from "../support/runs/suite.ts";
import { journalCuts } from "./journal-cuts.ts";
import { packedCuts } from "./packed-cuts.ts";
import { pagedCuts } from "./paged-cuts.ts";
import { powerCuts, powerCutsOn } from "./power-cut-runs.ts";

const METADATA = true;
const ERASE = true;
const PAGE_SIZES = [61, 103, 249, 501, 600, 1013];
const GOAL = { images: 20_000, perCell: 100 };

powerCuts(
	{ test, createHost: inMemory },
	"what was acknowledged outlives a power cut in a store that erases, and what a cut has erased does not",
	pagedCuts(PAGE_SIZES, METADATA, ERASE),
	GOAL,
);

for (const kind of ["fixed", "oversized", "variable"] as const) {
	powerCuts(
		{ test, createHost: inMemory },
		`what a journal that is ${kind} acknowledged outlives a power cut in a store that erases`,
		journalCuts(kind, PAGE_SIZES, METADATA, ERASE),
		GOAL,
	);
}

powerCutsOn(
	sparseMedium(FRAMES_PATH),
	test,
	"what a packed store that erases flushed outlives a power cut, and what a flush has erased does not",
	packedCuts("shadow", ERASE),
	{ images: 20_000, perCell: 12, perStep: 3 },
);
