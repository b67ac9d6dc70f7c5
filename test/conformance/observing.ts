import type { Suite } from "../support/runs/suite.ts";
import { errorRows } from "./observing/errors.ts";
import { eventRows } from "./observing/events.ts";
import { figureRows } from "./observing/figures.ts";
import { packedEventRows } from "./observing/packed-events.ts";

/** A store's reports beside the results of its calls, the same in every host. */
export function observingSuite(suite: Suite): void {
	errorRows(suite);
	eventRows(suite);
	packedEventRows(suite);
	figureRows(suite);
}
