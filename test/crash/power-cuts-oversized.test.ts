import { test } from "vitest";
import { inMemory } from "../support/suite.ts";
import { journalCuts } from "./journal-cuts.ts";
import { powerCuts } from "./power-cut-runs.ts";

powerCuts(
	{ test, createHost: inMemory },
	"what an oversized journal acknowledged outlives a power cut, each entry with its own value",
	journalCuts("oversized", [32, 61, 103, 249, 600]),
	{ images: 4_000, perCell: 50 },
);
