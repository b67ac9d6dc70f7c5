import type { Suite } from "../support/suite.ts";
import { entryRows } from "./journal/entries.ts";
import { openingRows } from "./journal/opening.ts";
import { orderingRows } from "./journal/ordering.ts";
import { oversizedRows } from "./journal/oversized.ts";
import { oversizedDamageRows } from "./journal/oversized-damage.ts";
import { oversizedParameterRows } from "./journal/oversized-parameters.ts";
import { oversizedRecoveryRows } from "./journal/oversized-recovery.ts";
import { readingAheadRows } from "./journal/reading-ahead.ts";
import { recoveringRows } from "./journal/recovering.ts";
import { repairRows } from "./journal/repairs.ts";
import { replayingRows } from "./journal/replaying.ts";
import { sectionRows } from "./journal/sections.ts";
import { syncingRows } from "./journal/syncing.ts";
import { valueRows } from "./journal/values.ts";

/**
 * What journals in sections do in every host. A name in brackets is that of the test of commonware which shows the same; the
 * sizes are that test's.
 */
export function journalSuite(suite: Suite): void {
	sectionRows(suite);
	entryRows(suite);
	replayingRows(suite);
	openingRows(suite);
	syncingRows(suite);
	recoveringRows(suite);
	valueRows(suite);
	readingAheadRows(suite);
	oversizedRows(suite);
	oversizedRecoveryRows(suite);
	orderingRows(suite);
	oversizedDamageRows(suite);
	oversizedParameterRows(suite);
	repairRows(suite);
}
