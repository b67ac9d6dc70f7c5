import { assert } from "chai";
import { StorageError } from "../../../src/errors.ts";
import type { FixedJournal } from "../../../src/journal/entries/fixed-journal.ts";
import type { OversizedJournal } from "../../../src/journal/oversized/oversized-journal.ts";
import type { JournalRecovery } from "../../../src/journal/report.ts";
import { bitFlips } from "../../support/disks/bit-flips.ts";
import { readRaw, writeRaw } from "../../support/hosts/raw-file.ts";
import { filled } from "../../support/runs/bytes.ts";
import { placesOf } from "../../support/runs/share.ts";
import type { Suite } from "../../support/runs/suite.ts";
import {
	INDEX,
	type JournalStore,
	journalTest,
	pathOf,
	VALUES,
} from "../../support/stores/journal-store.ts";

const HEADER = 8;
/** Three entries take two pages, each written twice. */
const SMALL = { pageSize: 18 } as const;
const STRIDE = 30;
const ENTRY = { size: 12, offsetAt: 0, sizeAt: 8 } as const;
const ENTRIES = pathOf(INDEX, 1n);
const VALUED = pathOf(VALUES, 1n);
const CONTENT = [1, 2, 3];

/**
 * The state of section 1, whose entries are those of CONTENT: the found ones, and the fate of the
 * others.
 */
interface Outcome {
	/** The content of each entry in order; undefined where reading it fails with its place. */
	readonly found: readonly (number | undefined)[];
	/** Whether opening the journal reports section 1. */
	readonly isReported: boolean;
	/** Opening the journal fails with a place. */
	readonly isRefused: boolean;
}

/** Journals of a few bytes: every bit is flipped, and they are cut at every byte. */
export function flippedBitRows(suite: Suite): void {
	bitRows(suite);
	lengthRows(suite);
}

function bitRows(suite: Suite): void {
	const test = journalTest(suite);
	const flipped = bitFlips(suite);

	test(
		`no flipped bit of a fixed journal gives another entry, or loses one without a word, or touches another section`,
		async (store) => {
			const small = await SmallJournal.create(store, "fixed");
			await flipEach(small, ENTRIES, flipped, assertToldOf);
		},
		SMALL,
	);

	test(
		`no flipped bit of an oversized journal's entries gives another entry or value, or loses one without a word, or touches another section`,
		async (store) => {
			const small = await SmallJournal.create(store, "oversized");
			await flipEach(small, ENTRIES, flipped, assertToldOf);
		},
		SMALL,
	);

	test(
		`no flipped bit of an oversized journal's values gives another value, or loses more than the last without a word`,
		async (store) => {
			const small = await SmallJournal.create(store, "oversized");
			await flipEach(small, VALUED, flipped, (outcome, where) => {
				assertToldOf(outcome, where);
				const lost = CONTENT.length - outcome.found.length;
				assert.isAtMost(outcome.isRefused ? 0 : lost, 1, where);
			});
		},
		SMALL,
	);
}

function lengthRows(suite: Suite): void {
	const test = journalTest(suite);

	test(
		"a fixed journal cut at any byte keeps a prefix, and reports the rest unless it keeps nothing",
		async (store) => {
			const small = await SmallJournal.create(store, "fixed");
			await cutEach(small, ENTRIES, (outcome, size) => {
				assertPrefix(outcome, `at ${size}`);
				// A file without pages is legal: no format says how long it should be.
				assert.equal(outcome.isReported, size > HEADER, `at ${size}`);
				const isPageLeft = size >= HEADER + STRIDE;
				assert.lengthOf(outcome.found, isPageLeft ? 1 : 0, `at ${size}`);
			});
		},
		SMALL,
	);

	test(
		"an oversized journal whose entries are cut at any byte keeps a prefix with its values, and reports the rest unless it keeps nothing",
		async (store) => {
			const small = await SmallJournal.create(store, "oversized");
			await cutEach(small, ENTRIES, (outcome, size) => {
				assertPrefix(outcome, `at ${size}`);
				// A section without entries keeps its values, by the rules of the format.
				assert.equal(outcome.isReported, size > HEADER, `at ${size}`);
			});
		},
		SMALL,
	);

	test(
		"an oversized journal whose values are cut at any byte keeps the entries whose values are whole, and reports the rest",
		async (store) => {
			const small = await SmallJournal.create(store, "oversized");
			await cutEach(small, VALUED, (outcome, size) => {
				assertPrefix(outcome, `at ${size}`);
				const whole = CONTENT.filter((id) => HEADER + endOf(id) <= size);
				assert.lengthOf(outcome.found, whole.length, `at ${size}`);
				assert.isTrue(outcome.isReported, `at ${size}`);
			});
		},
		SMALL,
	);
}

/** An entry is right, or reading it fails. A missing one is reported, or opening fails. */
function assertToldOf(outcome: Outcome, where: string): void {
	const { found, isReported, isRefused } = outcome;
	assert.isAtMost(found.length, CONTENT.length, where);
	for (const [position, content] of found.entries()) {
		assert.include([undefined, CONTENT[position]], content, where);
	}
	const isTold = isReported || isRefused || found.length === CONTENT.length;
	assert.isTrue(isTold, `${where}: ${found.length} entries, and no word`);
}

function assertPrefix({ found, isRefused }: Outcome, where: string): void {
	assert.isFalse(isRefused, where);
	assert.deepEqual(found, CONTENT.slice(0, found.length), where);
}

async function flipEach(
	small: SmallJournal,
	path: string,
	flipped: ReturnType<typeof bitFlips>,
	check: (outcome: Outcome, where: string) => void,
): Promise<void> {
	for (const { bit, bytes } of flipped(small.bytesOf(path))) {
		check(await small.openedWith(path, bytes), `bit ${bit} of ${path}`);
	}
}

async function cutEach(
	small: SmallJournal,
	path: string,
	check: (outcome: Outcome, size: number) => void,
): Promise<void> {
	const whole = small.bytesOf(path);
	for (const size of placesOf(whole.length)) {
		check(await small.openedWith(path, whole.subarray(0, size)), size);
	}
}

type Opened =
	| { readonly kind: "fixed"; readonly journal: FixedJournal }
	| { readonly kind: "oversized"; readonly journal: OversizedJournal };

/**
 * A journal whose section 1 has CONTENT, each entry synced before the next. Section 2 has one
 * entry.
 */
class SmallJournal {
	readonly #store: JournalStore;
	readonly #kind: Opened["kind"];
	readonly #files = new Map<string, Uint8Array>();

	private constructor(store: JournalStore, kind: Opened["kind"]) {
		this.#store = store;
		this.#kind = kind;
	}

	static async create(
		store: JournalStore,
		kind: Opened["kind"],
	): Promise<SmallJournal> {
		const small = new SmallJournal(store, kind);
		const opened = await small.#open();
		for (const id of CONTENT) {
			await appendTo(opened, 1n, id);
			await opened.journal.sync(1n);
		}
		await appendTo(opened, 2n, 9);
		await opened.journal.close();
		for (const path of kind === "fixed" ? [ENTRIES] : [ENTRIES, VALUED]) {
			small.#files.set(path, await readRaw(store.host, path));
		}
		return small;
	}

	bytesOf(path: string): Uint8Array {
		return this.#files.get(path) ?? new Uint8Array();
	}

	/**
	 * Opens the journal with one file of section 1 replaced, and reads that section. Section 2 has
	 * lost nothing.
	 */
	async openedWith(path: string, bytes: Uint8Array): Promise<Outcome> {
		for (const [file, whole] of this.#files) {
			await writeRaw(this.#store.host, file, file === path ? bytes : whole);
		}
		let opened: Opened;
		try {
			opened = await this.#open();
		} catch (error) {
			assertPlace(error);
			return { found: [], isReported: false, isRefused: true };
		}
		const { journal } = opened;
		assert.equal(await contentAt(opened, 2n, 0), 9);
		const found = await this.#contentOf(opened);
		const isReported = isNamed(journal.recovery, 1n);
		await journal.close();
		for (const copy of journal.recovery.cuts.flatMap(({ copies }) => copies)) {
			await this.#store.host.remove(copy);
		}
		return { found, isReported, isRefused: false };
	}

	async #contentOf(opened: Opened): Promise<(number | undefined)[]> {
		const count = (await opened.journal.size(1n)) / ENTRY.size;
		const found: (number | undefined)[] = [];
		for (let position = 0; position < count; position += 1) {
			try {
				found.push(await contentAt(opened, 1n, position));
			} catch (error) {
				assertPlace(error);
				found.push(undefined);
			}
		}
		return found;
	}

	async #open(): Promise<Opened> {
		const options = { entry: ENTRY, writeBuffer: 24 };
		return this.#kind === "fixed"
			? { kind: "fixed", journal: await this.#store.fixed(options) }
			: { kind: "oversized", journal: await this.#store.oversized(options) };
	}
}

function isNamed(
	{ cuts, losingSlots, damaged }: JournalRecovery,
	section: bigint,
): boolean {
	const named = [...cuts, ...losingSlots].map((each) => each.section);
	return [...named, ...damaged].includes(section);
}

/** An error that names the damaged place. */
function assertPlace(error: unknown): void {
	assert.instanceOf(error, StorageError, String(error));
	assert.hasAnyKeys(error.place, ["partition", "path"], error.message);
	assert.notEqual(error.code, "ERR_IO", error.message);
}

/**
 * An entry's bytes are its number, except its value's place. The value has as many bytes of that
 * number.
 */
async function appendTo(
	opened: Opened,
	section: bigint,
	id: number,
): Promise<void> {
	const { kind, journal } = opened;
	if (kind === "fixed") {
		await journal.append(section, filled(12, id));
		return;
	}
	await journal.append(section, filled(12, id), filled(id, id));
}

/** The end of the value of an entry of CONTENT: as many bytes as its number, and a checksum. */
function endOf(id: number): number {
	return CONTENT.filter((each) => each <= id).reduce(
		(end, each) => end + each + 4,
		0,
	);
}

/** The number in the bytes of an entry, or of its value. */
async function contentAt(
	opened: Opened,
	section: bigint,
	position: number,
): Promise<number | undefined> {
	const { kind, journal } = opened;
	const entry = await journal.get(section, position);
	if (kind === "fixed") {
		assert.lengthOf(new Set(entry), 1, "bytes of one entry");
		return entry[0];
	}
	const view = new DataView(entry.buffer, entry.byteOffset);
	const place = [Number(view.getBigUint64(0)), view.getUint32(8)] as const;
	const value = await journal.getValue(section, ...place);
	assert.deepEqual(value, filled(value.length, value.length));
	return value[0];
}
