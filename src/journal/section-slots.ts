import type { OpenSection } from "./open-section.ts";

/**
 * As many sections of one journal may be open at once in any store. A store of more memory has 16
 * for each MiB, at most 128, as far as there is room for their write buffers.
 */
export const OPEN_SECTIONS = 16;
/** Each has a file or two, and a system may let a process open a thousand. */
const OPEN_SECTIONS_MAX = 128;
/** The write buffers of all open sections, as a part of a store's memory. */
const SHARE_OF_MEMORY = 1 / 2;
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

/**
 * The most sections of one of so many open journals that are open at once, each with write buffers
 * of `bufferBytes`.
 */
export function openSectionsMax(
	memoryBytes: number,
	bufferBytes: number,
	journals: number,
): number {
	const share = (memoryBytes * SHARE_OF_MEMORY) / journals;
	const most = Math.min(
		Math.ceil(memoryBytes / MEBIBYTE) * OPEN_SECTIONS,
		Math.floor(share / bufferBytes),
		OPEN_SECTIONS_MAX,
	);
	return Math.max(most, OPEN_SECTIONS);
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

/** The clean one of the unused sections that is needed least, if there is one. */
export function cleanAndIdle<Open extends OpenSection>(
	slots: Iterable<Slot<Open>>,
): Slot<Open> | undefined {
	let least: Slot<Open> | undefined;
	for (const slot of slots) {
		const isSooner = least === undefined || slot.used < least.used;
		if (isSooner && isIdle(slot) && slot.open.isClean) {
			least = slot;
		}
	}
	return least;
}

/** So many unused sections, the least recently used: to be synced, all at once, and then closed. */
export function longestIdle<Open extends OpenSection>(
	slots: Iterable<Slot<Open>>,
	count: number,
): Slot<Open>[] {
	return [...slots]
		.filter(isIdle)
		.sort((one, other) => one.used - other.used)
		.slice(0, count);
}

/** A failed section is never closed for another. */
function isIdle({ users, open }: Slot<OpenSection>): boolean {
	return users === 0 && open.failure === undefined;
}
