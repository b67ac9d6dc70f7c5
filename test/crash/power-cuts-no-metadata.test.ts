import { test } from "vitest";
import { inMemory } from "../support/runs/suite.ts";
import { journalCuts } from "./journal-cuts.ts";
import { pagedCuts } from "./paged-cuts.ts";
import { powerCuts } from "./power-cut-runs.ts";

// No marker tells of the crash, so that a torn page stays, with whole ones behind it.
const METADATA = false;
const PAGE_SIZES = [61, 103, 249, 501, 600, 1013];
const GOAL = { images: 5_000, perCell: 20 };

powerCuts(
	{ test, createHost: inMemory },
	"what was acknowledged is read after a power cut in a store without metadata",
	pagedCuts(PAGE_SIZES, METADATA),
	GOAL,
);

for (const kind of ["fixed", "oversized", "variable"] as const) {
	powerCuts(
		{ test, createHost: inMemory },
		`what a journal that is ${kind} acknowledged is read after a power cut in a store without metadata`,
		journalCuts(kind, PAGE_SIZES, METADATA),
		GOAL,
	);
}
