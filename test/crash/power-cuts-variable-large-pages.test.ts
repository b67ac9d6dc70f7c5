import { test } from "vitest";
import { inMemory } from "../support/runs/suite.ts";
import { journalCuts } from "./journal-cuts.ts";
import { powerCuts } from "./power-cut-runs.ts";

// Many items to a page, and sector boundaries inside items and slots.
powerCuts(
	{ test, createHost: inMemory },
	"what a variable journal acknowledged outlives a power cut, with many items to a page",
	journalCuts("variable", [249, 255, 501, 600]),
	{ images: 101_000, perCell: 300 },
);
