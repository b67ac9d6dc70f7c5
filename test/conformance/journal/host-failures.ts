import { assert } from "chai";
import { StorageError } from "../../../src/errors.ts";
import type { FixedJournal } from "../../../src/journal/entries/fixed-journal.ts";
import type { OversizedJournal } from "../../../src/journal/oversized/oversized-journal.ts";
import { readRaw, writeRaw } from "../../support/hosts/raw-file.ts";
import { filled } from "../../support/runs/bytes.ts";
import { KERNEL_ERROR } from "../../support/runs/failure.ts";
import { callsInTurn } from "../../support/runs/share.ts";
import type { Suite } from "../../support/runs/suite.ts";
import {
	INDEX,
	type JournalStore,
	journalTest,
	pointer,
	pointerIn,
	sixteen,
	VALUES,
} from "../../support/stores/journal-store.ts";

type Kind = "fixed" | "oversized";
type Numbered = FixedJournal | OversizedJournal;
/** The numbers of a section's entries, by section. */
type Content = ReadonlyMap<bigint, readonly number[]>;

/** An action on a journal while the host fails, and the content before and after. */
interface Action {
	readonly name: string;
	/** Changes the files of a closed journal. */
	damage?(store: JournalStore, kind: Kind): Promise<void>;
	/** Before the host fails: these appends are not synced. */
	prepare?(journal: Numbered): Promise<unknown>;
	/** While it fails; if missing, the journal is opened. */
	run?(journal: Numbered): Promise<unknown>;
	/** The least content after a failure half-way. */
	readonly least: Content;
	readonly after: Content;
}

/** The content before every action, synced. */
const BEFORE: Content = new Map([
	[1n, range(0, 7)],
	[2n, range(0, 4)],
	[3n, range(0, 1)],
]);

const ACTIONS: readonly Action[] = [
	{ name: "open of a whole journal", least: BEFORE, after: BEFORE },
	{
		name: "open that repairs",
		damage: async (store, kind) => {
			await store.withBlob(INDEX, 1n, (blob) =>
				blob.write(blob.size, filled(9, 7)),
			);
			if (kind === "oversized") {
				await store.resizeBlob(VALUES, 2n, 65);
				await store.withBlob(VALUES, 3n, (blob) =>
					blob.write(20, filled(9, 7)),
				);
				await store.withBlob(VALUES, 9n, (blob) => blob.write(0, filled(9, 7)));
			} else {
				await store.resizeBlob(INDEX, 2n, 76);
			}
		},
		least: new Map([...BEFORE, [2n, range(0, 3)]]),
		after: new Map([...BEFORE, [2n, range(0, 3)]]),
	},
	{
		name: "append to a new section",
		run: (journal) => append(journal, 7n, 1),
		least: BEFORE,
		after: new Map([...BEFORE, [7n, [0]]]),
	},
	{
		name: "append past the write buffer",
		run: (journal) => append(journal, 1n, 60),
		least: BEFORE,
		after: new Map([...BEFORE, [1n, range(0, 67)]]),
	},
	{
		name: "sync",
		prepare: (journal) => append(journal, 1n, 3),
		run: (journal) => journal.sync(1n),
		least: BEFORE,
		after: new Map([...BEFORE, [1n, range(0, 10)]]),
	},
	{
		name: "prune",
		run: (journal) => journal.prune(3n),
		least: new Map([[3n, range(0, 1)]]),
		after: new Map([[3n, range(0, 1)]]),
	},
	{
		name: "rewind",
		run: (journal) => journal.rewind(1n, 3 * 20),
		least: new Map([[1n, range(0, 3)]]),
		after: new Map([[1n, range(0, 3)]]),
	},
	{
		name: "removal of a section",
		run: (journal) => journal.removeSection(2n),
		least: new Map([...BEFORE].filter(([section]) => section !== 2n)),
		after: new Map([...BEFORE].filter(([section]) => section !== 2n)),
	},
	{
		name: "destruction",
		run: (journal) => journal.destroy(),
		least: new Map(),
		after: new Map(),
	},
	{
		name: "clear",
		run: (journal) => journal.clear(),
		least: new Map(),
		after: new Map(),
	},
];

/**
 * Each call to the host fails in turn. The failure is reported, never taken for damage, and synced
 * content stays.
 */
export function hostFailureRows(suite: Suite): void {
	const test = journalTest(suite);
	// A browser takes some 200 ms to restore a store's files.
	const stride = suite.host === "opfs" ? 3 : 1;

	for (const kind of ["fixed", "oversized"] as const) {
		for (const action of ACTIONS) {
			test(
				`any call to the host that fails in ${kind === "fixed" ? "a fixed" : "an oversized"} journal's ${action.name} is told, and costs nothing that was synced`,
				async (store) => {
					await create(store, kind, action);
					const image = await filesOf(store);
					for (const failing of callsInTurn(stride)) {
						await restore(store, image);
						const isDone = await failAt(store, kind, action, failing);
						if (isDone) {
							assert.isAbove(failing, 2, "calls that failed");
							return;
						}
					}
				},
				{ writeBuffer: 512 },
			);
		}
	}
}

/** Returns whether nothing failed any more. Either way the journal is found whole afterwards. */
async function failAt(
	store: JournalStore,
	kind: Kind,
	{ prepare, run, least, after }: Action,
	failing: number,
): Promise<boolean> {
	const early = run === undefined ? undefined : await open(store, kind);
	if (early !== undefined) {
		await prepare?.(early);
	}
	const calls = failCall(store, failing);
	let failure: unknown;
	let journal = early;
	try {
		journal ??= await open(store, kind);
		await run?.(journal);
	} catch (error) {
		failure = error;
	}
	store.host.hooks = {};
	const where = `call ${failing}, ${calls.failed}`;
	if (calls.failed === undefined) {
		assert.isUndefined(failure);
	} else {
		assertTold(failure, where);
	}
	await journal?.drop();
	await store.crash();
	const reopened = await open(store, kind);
	const most = calls.failed === undefined ? after : larger(BEFORE, after);
	await assertContent(
		reopened,
		calls.failed === undefined && run === undefined ? after : least,
		most,
		where,
	);
	await reopened.close();
	await store.restart();
	return calls.failed === undefined;
}

function assertTold(failure: unknown, where: string): void {
	assert.instanceOf(failure, StorageError, `${where}: ${failure}`);
	assert.equal(failure.cause, KERNEL_ERROR, `${where}: ${failure}`);
	assert.isNotEmpty(Object.keys(failure.place), `${where}: ${failure}`);
}

/** Each section has a prefix of its most content, and all its least content. */
async function assertContent(
	journal: Numbered,
	least: Content,
	most: Content,
	where: string,
): Promise<void> {
	for (const section of journal.sections()) {
		const ids = await idsOf(journal, section);
		const all = most.get(section) ?? [];
		assert.deepEqual(ids, all.slice(0, ids.length), `${where}: ${section}`);
		const expected = least.get(section)?.length ?? 0;
		assert.isAtLeast(ids.length, expected, `${where}: ${section}`);
	}
	for (const section of least.keys()) {
		assert.include(journal.sections(), section, where);
	}
	assert.deepEqual(journal.recovery.damaged, [], where);
}

async function idsOf(journal: Numbered, section: bigint): Promise<number[]> {
	const count = (await journal.size(section)) / 20;
	const ids: number[] = [];
	for (let position = 0; position < count; position += 1) {
		const entry = pointerIn(await journal.get(section, position));
		if ("getValue" in journal) {
			const value = await journal.getValue(section, entry.offset, entry.size);
			assert.deepEqual(value, sixteen(entry.id));
		}
		ids.push(entry.id);
	}
	return ids;
}

function larger(one: Content, other: Content): Content {
	const sections = [...one.keys(), ...other.keys()];
	return new Map(
		sections.map((section) => {
			const a = one.get(section) ?? [];
			const b = other.get(section) ?? [];
			return [section, a.length > b.length ? a : b];
		}),
	);
}

async function create(
	store: JournalStore,
	kind: Kind,
	{ damage }: Action,
): Promise<void> {
	const journal = await open(store, kind);
	for (const [section, ids] of BEFORE) {
		await append(journal, section, ids.length);
	}
	await journal.close();
	await damage?.(store, kind);
	await store.storage.close();
}

function open(store: JournalStore, kind: Kind): Promise<Numbered> {
	return kind === "fixed"
		? store.fixed({ entry: { size: 20 } })
		: store.oversized();
}

/** Appends so many entries, numbered on from the existing ones. */
async function append(
	journal: Numbered,
	section: bigint,
	count: number,
): Promise<void> {
	const first = (await journal.size(section)) / 20;
	for (const id of range(first, first + count)) {
		await ("getValue" in journal
			? journal.append(section, pointer(id), sixteen(id))
			: journal.append(section, pointer(id)));
	}
}

/** All files of a closed store, by path. */
async function filesOf(store: JournalStore): Promise<Map<string, Uint8Array>> {
	const files = new Map<string, Uint8Array>();
	for (const path of await pathsIn(store)) {
		files.set(path, await readRaw(store.host, path));
	}
	return files;
}

async function pathsIn(
	{ host }: Pick<JournalStore, "host">,
	directory = "",
): Promise<string[]> {
	const paths: string[] = [];
	for (const { name, kind } of (await host.list(directory)) ?? []) {
		const path = directory === "" ? `${name}` : `${directory}/${name}`;
		const within = kind === "directory" ? pathsIn({ host }, path) : [path];
		paths.push(...(await within));
	}
	return paths;
}

/** Restores the files, removes newer ones, and begins a session. */
async function restore(
	store: JournalStore,
	files: ReadonlyMap<string, Uint8Array>,
): Promise<void> {
	await store.storage.close();
	for (const path of await pathsIn(store)) {
		if (!files.has(path)) {
			await store.host.remove(path);
		}
	}
	for (const [path, bytes] of files) {
		await writeRaw(store.host, path, bytes);
	}
	await store.restart();
}

/** Fails the call to the host with this number. */
function failCall(store: JournalStore, failing: number) {
	const calls: { count: number; failed: string | undefined } = {
		count: 0,
		failed: undefined,
	};
	const fail = <T>(what: string, path: string, call: () => T): T => {
		calls.count += 1;
		if (calls.count === failing) {
			calls.failed = `${what} ${path}`;
			throw KERNEL_ERROR;
		}
		return call();
	};
	store.host.hooks = {
		open: (path, _mode, call) => fail("open", path, call),
		list: (path, call) => fail("list", path, call),
		makeDirectory: (path, call) => fail("makeDirectory", path, call),
		remove: (path, call) => fail("remove", path, call),
		rename: (path, _to, call) => fail("rename", path, call),
		syncDirectory: (path, call) => fail("syncDirectory", path, call),
		read: (path, call) => fail("read", path, call),
		write: (path, _write, call) => fail("write", path, call),
		truncate: (path, _size, call) => fail("truncate", path, call),
		sync: (path, call) => fail("sync", path, call),
	};
	return calls;
}

function range(first: number, end: number): number[] {
	return Array.from({ length: end - first }, (_, index) => first + index);
}
