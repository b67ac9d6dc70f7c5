import { test } from "vitest";
import { inMemory } from "../support/runs/suite.ts";
import { journalCuts } from "./journal-cuts.ts";
import { powerCuts } from "./power-cut-runs.ts";

// Items that span pages, and many pages to a sector.
powerCuts(
	{ test, createHost: inMemory },
	"what a variable journal acknowledged outlives a power cut, with items that span pages",
	journalCuts("variable", [16, 32, 61, 103]),
	{ images: 101_000, perCell: 300 },
);
