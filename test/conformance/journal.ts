import type { Suite } from "../support/runs/suite.ts";
import { commonwareStoreRows } from "./commonware-stores.ts";
import { codecRows } from "./journal/codecs.ts";
import { compressionRows } from "./journal/compression.ts";
import { endingReadRows } from "./journal/ending-reads.ts";
import { entryRows } from "./journal/entries.ts";
import { erasingRows } from "./journal/erasing.ts";
import { flippedBitRows } from "./journal/flipped-bits.ts";
import { hostFailureRows } from "./journal/host-failures.ts";
import { jsonRows } from "./journal/json.ts";
import { manyFileRows } from "./journal/many-files.ts";
import { manySectionRows } from "./journal/many-sections.ts";
import { openingRows } from "./journal/opening.ts";
import { orderingRows } from "./journal/ordering.ts";
import { oversizedRows } from "./journal/oversized.ts";
import { oversizedDamageRows } from "./journal/oversized-damage.ts";
import { oversizedParameterRows } from "./journal/oversized-parameters.ts";
import { oversizedRecoveryRows } from "./journal/oversized-recovery.ts";
import { readingAheadRows } from "./journal/reading-ahead.ts";
import { recoveringRows } from "./journal/recovering.ts";
import { refusalRows } from "./journal/refusals.ts";
import { repairRows } from "./journal/repairs.ts";
import { replayingRows } from "./journal/replaying.ts";
import { rewindingRows } from "./journal/rewinding.ts";
import { sectionRows } from "./journal/sections.ts";
import { syncingRows } from "./journal/syncing.ts";
import { tornSlotRows } from "./journal/torn-slots.ts";
import { tryingAgainRows } from "./journal/trying-again.ts";
import { unawaitedRows } from "./journal/unawaited.ts";
import { valueRows } from "./journal/values.ts";
import { variableRows } from "./journal/variable.ts";
import { variableCodecRows } from "./journal/variable-codecs.ts";
import { variableDamageRows } from "./journal/variable-damage.ts";
import { variableReplayRows } from "./journal/variable-replay.ts";
import { walkRows } from "./journal/variable-walk.ts";
import { windowDamageRows } from "./journal/window-damage.ts";

/**
 * The common behaviour of journals in sections, in every host. A name in brackets is that of
 * commonware's test of the same, with the same sizes.
 */
export function journalSuite(suite: Suite): void {
	sectionRows(suite);
	manyFileRows(suite);
	endingReadRows(suite);
	entryRows(suite);
	replayingRows(suite);
	openingRows(suite);
	syncingRows(suite);
	rewindingRows(suite);
	erasingRows(suite);
	unawaitedRows(suite);
	windowDamageRows(suite);
	recoveringRows(suite);
	valueRows(suite);
	readingAheadRows(suite);
	oversizedRows(suite);
	oversizedRecoveryRows(suite);
	orderingRows(suite);
	oversizedDamageRows(suite);
	oversizedParameterRows(suite);
	repairRows(suite);
	refusalRows(suite);
	jsonRows(suite);
	tornSlotRows(suite);
	flippedBitRows(suite);
	hostFailureRows(suite);
	tryingAgainRows(suite);
	manySectionRows(suite);
	variableRows(suite);
	variableReplayRows(suite);
	walkRows(suite);
	variableDamageRows(suite);
	commonwareStoreRows(suite);
	codecRows(suite);
	variableCodecRows(suite);
	compressionRows(suite);
}
