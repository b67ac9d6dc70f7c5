import { test } from "vitest";
import { inMemory } from "../support/runs/suite.ts";
import { journalCuts } from "./journal-cuts.ts";
import { powerCuts } from "./power-cut-runs.ts";

// Entries that span pages, and many pages to a sector.
powerCuts(
	{ test, createHost: inMemory },
	"what an oversized journal acknowledged outlives a power cut where values are durable first, with entries that span pages",
	journalCuts("oversized", [16, 32, 61, 103], true, false, "ordered"),
	{ images: 101_000, perCell: 300 },
);
