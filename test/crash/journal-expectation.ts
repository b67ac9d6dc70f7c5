import type { Host } from "../../src/host/host.ts";
import { Storage } from "../../src/storage/storage.ts";
import {
	type CrashJournal,
	cutWhatIsTorn,
	type JournalShape,
	mayLoseValues,
	openJournal,
	readJournal,
} from "./journal-kinds.ts";
import { MEMORY } from "./workload.ts";

/** What may be found of a section: any prefix of `ids` with `least` records or more. */
export interface SectionExpectation {
	readonly ids: readonly number[];
	readonly least: number;
	readonly mayBeMissing: boolean;
	/** Whether values were taken away from their entries, so that recovery may have entries to cut. */
	readonly isDespoiled: boolean;
}

/** What may be found of a journal; a section that is not named must not be there. */
export interface JournalExpectation {
	readonly sections: ReadonlyMap<bigint, SectionExpectation>;
	/** Sections on their way out, in the order in which they go. */
	readonly going: readonly bigint[];
	/** This section may have fewer records than `atLeast` only when all of `going` are gone. */
	readonly cutLast?: { readonly section: bigint; readonly atLeast: number };
}

export type FoundJournal = ReadonlyMap<
	bigint,
	Pick<SectionExpectation, "ids" | "isDespoiled">
>;

/** A section that no workload uses. */
const NEW_SECTION = 1000n;
/** Record numbers that no workload comes to. */
const NEW_RECORD = 8_000_001;

/**
 * Opens what a cut left and checks it against what may be found, and that it goes on from there. Answers each section's
 * records, or throws what is wrong.
 */
export async function recoverAndCheckJournal(
	host: Host,
	expected: JournalExpectation,
	shape: JournalShape,
): Promise<FoundJournal> {
	const { metadata, erase = false } = shape;
	const options = { memory: MEMORY, metadata, erase };
	const storage = await Storage.open(host, options);
	try {
		const opened = await openJournal(storage, shape);
		requireSound(opened.recovery, expected, shape);
		const found = await readJournal(opened, shape);
		requireExpected(found, expected);
		await cutWhatIsTorn(opened, shape);
		await requireGoingOn(opened, found, shape);
		return new Map(
			[...found].map(([section, ids]) => {
				const { isDespoiled = false } = expected.sections.get(section) ?? {};
				return [section, { ids, isDespoiled }];
			}),
		);
	} finally {
		await storage.drop();
	}
}

/**
 * A power cut damages nothing, as far as recovery is told of it. Where values are durable first, no entry that it leaves
 * lacks its value.
 */
function requireSound(
	{ cuts, damaged }: CrashJournal["recovery"],
	{ sections }: JournalExpectation,
	shape: JournalShape,
): void {
	if (shape.metadata && damaged.length > 0) {
		throw new Error(`sections ${damaged.join()} are said to be damaged`);
	}
	for (const { section, entriesCut } of mayLoseValues(shape) ? [] : cuts) {
		if (entriesCut > 0 && sections.get(section)?.isDespoiled !== true) {
			throw new Error(
				`${entriesCut} entries of section ${section} were durable before their values`,
			);
		}
	}
}

export function requireExpected(
	found: ReadonlyMap<bigint, readonly number[]>,
	expected: JournalExpectation,
): void {
	for (const section of found.keys()) {
		if (!expected.sections.has(section)) {
			throw new Error(`section ${section} has come back`);
		}
	}
	for (const [section, what] of expected.sections) {
		requireSection(section, found.get(section), what);
	}
	requireOrder(found, expected);
}

function requireSection(
	section: bigint,
	found: readonly number[] | undefined,
	{ ids, least, mayBeMissing }: SectionExpectation,
): void {
	if (found === undefined) {
		if (!mayBeMissing) {
			throw new Error(`section ${section} is missing`);
		}
		return;
	}
	const isPrefix =
		found.length >= least && found.every((id, at) => id === ids[at]);
	if (!isPrefix) {
		throw new Error(
			`section ${section} was recovered to the records ${found.join()}, not to ${least} or more of ${ids.join()}`,
		);
	}
}

/** What goes in an order is missing in that order, and what is cut last is cut when the rest is gone. */
function requireOrder(
	found: ReadonlyMap<bigint, readonly number[]>,
	{ going, cutLast }: JournalExpectation,
): void {
	const left = going.findIndex((section) => found.has(section));
	const early = going
		.slice(Math.max(0, left))
		.filter((section) => !found.has(section));
	if (left >= 0 && early.length > 0) {
		throw new Error(
			`sections ${early.join()} went before section ${going[left]}`,
		);
	}
	const rest = cutLast && found.get(cutLast.section)?.length;
	if (left >= 0 && cutLast && (rest ?? 0) < cutLast.atLeast) {
		throw new Error(
			`section ${cutLast.section} was cut before section ${going[left]} went`,
		);
	}
}

/** A recovered journal must go on: what is appended and synced now is there behind what was found. */
async function requireGoingOn(
	opened: CrashJournal,
	found: ReadonlyMap<bigint, readonly number[]>,
	shape: JournalShape,
): Promise<void> {
	const sections = new Map<bigint, SectionExpectation>();
	for (const section of [...found.keys(), NEW_SECTION]) {
		const id = NEW_RECORD + sections.size;
		await opened.append(section, id);
		const ids = [...(found.get(section) ?? []), id];
		sections.set(section, exactly(ids));
	}
	await opened.journal.syncAll();
	requireExpected(await readJournal(opened, shape), { sections, going: [] });
}

/** All of these records, acknowledged. */
export function exactly(
	ids: readonly number[],
	isDespoiled = false,
): SectionExpectation {
	return { ids, least: ids.length, mayBeMissing: false, isDespoiled };
}
