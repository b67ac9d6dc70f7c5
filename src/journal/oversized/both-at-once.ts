import type { WriteBarrier } from "../../paged/paged-section.ts";
import { throwFirst } from "../../turns/endings.ts";
import type { SectionValues } from "../values/section-values.ts";

/*
 * Values and entries become durable together. No entry is handed over before its value is, so that
 * no more than the window of values can be missing behind the last entry that a crash leaves.
 * Recovery checks these. What can be missing reads as zeros: its place was empty, durably.
 *
 *    value ── buffer ── write ──┬── sync ──┐
 *    entry ── page ─────────────┴── write ── sync ──┴── acknowledged
 */

/** The barrier of a section of pairs in this order. */
export function bothAtOnce(values: SectionValues): WriteBarrier {
	return () => (values.isGrounded ? values.handOver() : values.syncAppended());
}

/** Makes both durable. Throws the first failure, when both have ended. */
export async function syncBoth(
	values: SectionValues,
	syncEntries: () => Promise<void>,
): Promise<void> {
	await values.handOver();
	throwFirst(await Promise.allSettled([values.cover(), syncEntries()]));
}
