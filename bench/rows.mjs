import { bulkRow } from "./rows/bulk.mjs";
import { checksumRow } from "./rows/checksum.mjs";
import { durableRow } from "./rows/durable.mjs";
import { hotReadRow } from "./rows/hot-read.mjs";
import { openingRow } from "./rows/opening.mjs";
import { replayRow } from "./rows/replay.mjs";
import { writersRow } from "./rows/writers.mjs";

export const ROWS = [
	bulkRow,
	durableRow,
	writersRow,
	replayRow,
	hotReadRow,
	checksumRow,
	openingRow,
];
