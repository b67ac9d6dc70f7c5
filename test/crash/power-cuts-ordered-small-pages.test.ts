import { test } from "vitest";
import { inMemory } from "../support/runs/suite.ts";
import { journalCuts } from "./journal-cuts.ts";
import { powerCuts } from "./power-cut-runs.ts";

const METADATA = true;
const ERASE = false;
const HAS_ZEROS = false;

// Entries that span pages, and many pages to a sector.
powerCuts(
	{ test, createHost: inMemory },
	"what an oversized journal acknowledged outlives a power cut where values are durable first, with entries that span pages",
	journalCuts(
		"oversized",
		[16, 32, 61, 103],
		METADATA,
		ERASE,
		HAS_ZEROS,
		"ordered",
	),
	{ images: 101_000, perCell: 300 },
);
