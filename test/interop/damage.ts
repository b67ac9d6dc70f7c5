import type { Random } from "../support/runs/prng.ts";
import type { ScriptShape } from "../support/rust/script-shape.ts";
import { VALUES_PARTITION } from "../support/rust/scripted-journal.ts";
import type { Damage } from "./blob-files.ts";

/** Of a blob. */
export const HEADER_SIZE = 8;
const SLOT_SIZE = 6;
const PAGE_RECORD_SIZE = 2 * SLOT_SIZE;

/** What a crash may do to a file, and some of what it may not: all of it is to be recovered from as commonware does. */
export function randomDamage(
	random: Random,
	{ kind, pageSize }: ScriptShape,
	path: string,
	size: number,
): Damage {
	const page = pageSize + PAGE_RECORD_SIZE;
	const damage = random.pick(["cut", "cut", "garbage", "flip", "remove"]);
	if (damage === "garbage") {
		const bytes = random.bytes(random.integer(1, page + 10));
		return { kind: "garbage", bytes };
	}
	const most = random.pick([size, Math.min(size, page * 2)]);
	const left = size - random.integer(0, most + 1);
	if (path.startsWith(VALUES_PARTITION)) {
		// A header that is short, or missing, is put right by dualslot when the section's values are first asked for.
		return { kind: "cut", size: Math.max(left, HEADER_SIZE) };
	}
	if (damage === "remove") {
		return { kind: "remove" };
	}
	if (damage === "flip" && size > HEADER_SIZE) {
		const reach = kind === "glob" ? size : page;
		const at = random.integer(Math.max(HEADER_SIZE, size - reach), size);
		return { kind: "flip", at, bits: random.integer(1, 256) };
	}
	const isPaged = kind !== "glob";
	return { kind: "cut", size: isPaged ? unmistakable(left, pageSize) : left };
}

/**
 * A first page without its last bytes looks like a whole one of a page size that is smaller by a slot. Where nothing says which
 * it is, dualslot does not open it; commonware cuts it.
 */
function unmistakable(size: number, pageSize: number): number {
	const whole = HEADER_SIZE + pageSize + PAGE_RECORD_SIZE;
	const isMistakable = size < whole && size >= whole - SLOT_SIZE;
	return isMistakable ? whole - SLOT_SIZE - 1 : size;
}
