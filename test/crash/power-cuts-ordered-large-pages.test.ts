import { test } from "vitest";
import { inMemory } from "../support/runs/suite.ts";
import { journalCuts } from "./journal-cuts.ts";
import { powerCuts } from "./power-cut-runs.ts";

const METADATA = true;
const ERASE = false;
const HAS_ZEROS = false;

// Sector boundaries inside entries, slots and values.
powerCuts(
	{ test, createHost: inMemory },
	"what an oversized journal acknowledged outlives a power cut where values are durable first, with many entries to a page",
	journalCuts(
		"oversized",
		[249, 255, 501, 600],
		METADATA,
		ERASE,
		HAS_ZEROS,
		"ordered",
	),
	{ images: 101_000, perCell: 300 },
);
