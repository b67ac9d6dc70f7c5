import type { OpenSection } from "./open-section.ts";

/**
 * The most sections of one journal that are open at once in a store of 1 MiB of memory or less. In
 * a store of more there are 16 for each MiB, at most 128.
 */
export const OPEN_SECTIONS = 16;
/** Each has a file or two, and a system may let a process open a thousand. */
const OPEN_SECTIONS_MAX = 128;
const MEBIBYTE = 1024 * 1024;

/** An open section, and who uses it. */
export interface Slot<Open> {
	readonly section: bigint;
	readonly open: Open;
	/** Running calls: they keep it open. */
	users: number;
	/** When it was last used, on the clock of uses. */
	used: number;
}

/** The most sections of a journal that are open at once, in a store of so many bytes of memory. */
export function openSectionsMax(memoryBytes: number): number {
	const fitting = Math.ceil(memoryBytes / MEBIBYTE) * OPEN_SECTIONS;
	return Math.min(Math.max(fitting, OPEN_SECTIONS), OPEN_SECTIONS_MAX);
}

/** The slots whose sections take changes. */
export function countOfSound(
	slots: Iterable<Slot<Pick<OpenSection, "failure">>>,
): number {
	let count = 0;
	for (const { open } of slots) {
		count += open.failure === undefined ? 1 : 0;
	}
	return count;
}

/** The unused section that is needed least, if it is clean. */
export function cleanAndIdle<Open extends OpenSection>(
	slots: Iterable<Slot<Open>>,
): Slot<Open> | undefined {
	return idle(slots).find(({ open }) => open.isClean);
}

/** So many unused sections, the least recently used: to be synced, all at once, and then closed. */
export function longestIdle<Open extends OpenSection>(
	slots: Iterable<Slot<Open>>,
	count: number,
): Slot<Open>[] {
	return idle(slots).slice(0, count);
}

/** The least recently used comes first. A failed section is never closed for another. */
function idle<Open extends OpenSection>(
	slots: Iterable<Slot<Open>>,
): Slot<Open>[] {
	return [...slots]
		.filter(({ users, open }) => users === 0 && open.failure === undefined)
		.sort((one, other) => one.used - other.used);
}
