import { test } from "vitest";
import { FRAMES_PATH } from "../../src/packed/frames/frame-file.ts";
import { sparseMedium } from "../support/disks/sparse-disk.ts";
import { packedCuts } from "./packed-cuts.ts";
import { powerCutsOn } from "./power-cut-runs.ts";

powerCutsOn(
	sparseMedium(FRAMES_PATH),
	test,
	"what a packed store flushed outlives a power cut where frames are overwritten in place, but for those that were being overwritten",
	packedCuts("in-place"),
	{ images: 100_000, perCell: 12, perStep: 3 },
);
