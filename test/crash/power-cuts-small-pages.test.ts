import { powerCuts } from "./suite.ts";

// Many pages to a sector, and a write that is torn between them.
powerCuts(
	"what was acknowledged outlives a power cut, with pages smaller than a sector",
	[16, 61, 103, 249],
	105_000,
);
