import { test } from "vitest";
import { inMemory } from "../support/runs/suite.ts";
import { journalCuts } from "./journal-cuts.ts";
import { powerCuts } from "./power-cut-runs.ts";

powerCuts(
	{ test, createHost: inMemory },
	"what a fixed journal acknowledged outlives a power cut",
	journalCuts("fixed", [32, 61, 103, 249, 600]),
	{ images: 20_000, perCell: 100 },
);
