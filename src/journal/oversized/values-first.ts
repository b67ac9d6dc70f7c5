import type { WriteBarrier } from "../../paged/paged-section.ts";
import type { SectionValues } from "../values/section-values.ts";

/**
 * The barrier of a section of pairs: no entry is handed over before the value that it points at is
 * durable (commonware #4260). So a crash leaves values without entries, and never an entry without
 * its value.
 *
 *    value ── buffer ── write ── sync ──┐
 *    entry ── page ─────────────────────┴── write ── sync
 */
export function valuesFirst(values: SectionValues): WriteBarrier {
	return () => values.syncAppended();
}
