import { IS_SPARSE } from "../support/runs/share.ts";
import type { Suite } from "../support/runs/suite.ts";
import { journalCuts } from "./journal-cuts.ts";
import { pagedCuts } from "./paged-cuts.ts";
import { powerCuts } from "./power-cut-runs.ts";

/**
 * The power cuts over a host itself: workloads run on it, and each image is laid down on it and recovered there. The disk
 * that is cut is built in memory either way; the many images are recovered there too, in test/crash.
 */
export function powerCutSuite(suite: Suite): void {
	// In a browser an image takes some 60 ms, for as many calls; and in a sparse share not every class comes up in every host.
	const isSlow = suite.host === "opfs";
	const perCell = isSlow || IS_SPARSE ? 0 : 1;
	powerCuts(
		suite,
		"what was acknowledged outlives a power cut, on the host itself",
		pagedCuts([61, 103, 255, 501]),
		{ images: isSlow ? 150 : 500, perCell: 5 * perCell },
	);
	powerCuts(
		suite,
		"what an oversized journal acknowledged outlives a power cut, on the host itself",
		journalCuts("oversized", [61, 249]),
		{ images: isSlow ? 100 : 300, perCell },
	);
	powerCuts(
		suite,
		"what a variable journal acknowledged outlives a power cut, on the host itself",
		journalCuts("variable", [61, 249]),
		{ images: isSlow ? 100 : 300, perCell },
	);
}
