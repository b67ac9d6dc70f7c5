import { test } from "vitest";
import { inMemory } from "../support/runs/suite.ts";
import { pagedCuts } from "./paged-cuts.ts";
import { powerCuts } from "./power-cut-runs.ts";

// Many pages to a sector, and a write that is torn between them.
powerCuts(
	{ test, createHost: inMemory },
	"what was acknowledged outlives a power cut, with pages smaller than a sector",
	pagedCuts([16, 61, 103, 249]),
	{ images: 105_000, perCell: 1000 },
);
