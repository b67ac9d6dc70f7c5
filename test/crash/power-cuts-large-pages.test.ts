import { test } from "vitest";
import { inMemory } from "../support/runs/suite.ts";
import { pagedCuts } from "./paged-cuts.ts";
import { powerCuts } from "./power-cut-runs.ts";

// Sector boundaries inside a page's data, its slots, their lengths and their checksums.
powerCuts(
	{ test, createHost: inMemory },
	"what was acknowledged outlives a power cut, with sector boundaries inside slots and pages",
	pagedCuts([255, 501, 600, 1013]),
	{ images: 105_000, perCell: 1000 },
);
