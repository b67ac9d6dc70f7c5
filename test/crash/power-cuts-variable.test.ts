import { test } from "vitest";
import { inMemory } from "../support/suite.ts";
import { journalCuts } from "./journal-cuts.ts";
import { powerCuts } from "./power-cut-runs.ts";

// Items that span pages, and many pages to a sector; items of many to a page.
powerCuts(
	{ test, createHost: inMemory },
	"what a variable journal acknowledged outlives a power cut",
	journalCuts("variable", [16, 32, 61, 103, 249, 600]),
	{ images: 45_000, perCell: 250 },
);
