import { powerCuts } from "./suite.ts";

// Sector boundaries inside a page's data, its slots, their lengths and their checksums.
powerCuts(
	"what was acknowledged outlives a power cut, with sector boundaries inside slots and pages",
	[255, 501, 600, 1013],
	105_000,
);
