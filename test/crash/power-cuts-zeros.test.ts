import { test } from "vitest";
import { inMemory } from "../support/runs/suite.ts";
import { journalCuts } from "./journal-cuts.ts";
import { pagedCuts } from "./paged-cuts.ts";
import { powerCuts } from "./power-cut-runs.ts";

const METADATA = true;
const ERASE = false;
const HAS_ZEROS = true;
const PAGE_SIZES = [61, 103, 249, 501, 600, 1013];
const GOAL = { images: 20_000, perCell: 100 };

powerCuts(
	{ test, createHost: inMemory },
	"what was acknowledged outlives a power cut in a store that writes zeros ahead",
	pagedCuts(PAGE_SIZES, METADATA, ERASE, HAS_ZEROS),
	GOAL,
);

for (const kind of ["fixed", "oversized", "variable"] as const) {
	powerCuts(
		{ test, createHost: inMemory },
		`what a journal that is ${kind} acknowledged outlives a power cut in a store that writes zeros ahead`,
		journalCuts(kind, PAGE_SIZES, METADATA, ERASE, HAS_ZEROS),
		GOAL,
	);
}
