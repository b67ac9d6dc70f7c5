import { assert } from "chai";
import type { Host } from "../../../src/host/host.ts";
import { FixedJournal } from "../../../src/journal/entries/fixed-journal.ts";
import { VariableJournal } from "../../../src/journal/items/variable-journal.ts";
import { OversizedJournal } from "../../../src/journal/oversized/oversized-journal.ts";
import { Glob } from "../../../src/journal/values/glob.ts";
import { PackedStore } from "../../../src/packed/packed-store.ts";
import { PageCache } from "../../../src/paged/cache.ts";
import { PagedBlob } from "../../../src/paged/paged-blob.ts";
import { contextOf, Storage } from "../../../src/storage/storage.ts";
import { CountingHost, coresOf } from "../../support/hosts/held-resources.ts";
import { pattern } from "../../support/runs/bytes.ts";
import { assertFails } from "../../support/runs/failure.ts";
import {
	hostTest,
	MEMORY,
	type Suite,
	withStorage,
} from "../../support/runs/suite.ts";
import { pointer, sixteen } from "../../support/stores/journal-store.ts";
import { guidOf } from "../../support/stores/packed-files.ts";
import { frameOf } from "../../support/stores/packed-store.ts";

interface Opened {
	drop(): Promise<void>;
}

/** Opens paged blobs and journals. */
interface Session {
	readonly storage: Storage;
	readonly cache: PageCache;
}

const openStore = (host: Host) => Storage.open(host, { memory: MEMORY });
const openPacked = (host: Host) =>
	PackedStore.open(host, { frames: 1, wait: false });

const STORES: Readonly<Record<string, (host: Host) => Promise<Opened>>> = {
	"a store": openStore,
	"a store to read": (host) =>
		Storage.open(host, { memory: MEMORY, readOnly: true }),
	"a packed store": openPacked,
};

const IN_A_STORE: Readonly<
	Record<string, (session: Session) => Promise<Opened>>
> = {
	"a paged blob": openPaged,
	"a fixed journal": openFixed,
	"a variable journal": openVariable,
	"a glob": openGlob,
	"an oversized journal": openOversized,
};

/** An open that fails, at any point, releases all that it has taken. */
export function givingBackRows(suite: Suite): void {
	const onHost = hostTest(suite);

	onHost(
		"a store that is open elsewhere is refused before memory is taken for it",
		async (host) => {
			for (const open of [openStore, openPacked]) {
				const owner = await open(host);
				const cores = await coresOf(() =>
					assertFails("ERR_LOCKED", () => open(host)),
				);
				assert.deepEqual(cores, { loaded: 0, kept: 0 });
				await owner.drop();
			}
		},
	);

	for (const [name, open] of Object.entries(STORES)) {
		onHost(
			`an open of ${name} that fails at any call of the host keeps no file, no lock and no core`,
			async (host) => {
				const counting = new CountingHost(host);
				await (open === openPacked ? fillPacked : fill)(counting);
				const cores = await coresOf(() =>
					failingAtEach(counting, async () => (await open(counting)).drop()),
				);
				assert.isAbove(cores.loaded, 0);
				assert.equal(cores.kept, 0);
			},
		);
	}

	for (const [name, open] of Object.entries(IN_A_STORE)) {
		onHost(
			`an open of ${name} that fails at any call of the host keeps no file and no memory`,
			async (host) => {
				const counting = new CountingHost(host);
				await fill(counting);
				await inSession(counting, (session) => {
					const { arena } = contextOf(session.storage);
					const { freeBytes } = arena;
					return failingAtEach(
						counting,
						async () => (await open(session)).drop(),
						() => assert.equal(arena.freeBytes, freeBytes),
					);
				});
			},
		);
	}
}

/** Fails a step at its first call of the host, then at its second, and so on until it succeeds. */
async function failingAtEach(
	host: CountingHost,
	step: () => Promise<void>,
	check: () => void = () => undefined,
): Promise<void> {
	const { held } = host;
	let isFailing = true;
	for (let passing = 0; isFailing; passing += 1) {
		host.passing = passing;
		await step().catch(() => undefined);
		isFailing = host.passing < 0;
		host.passing = Number.POSITIVE_INFINITY;
		assert.equal(host.held, held, `after ${passing} calls`);
		check();
	}
}

/** Two sections of each kind of journal, and a paged blob, as a crash leaves them. */
async function fill(host: Host): Promise<void> {
	await inSession(host, async (session) => {
		const paged = await openPaged(session);
		await paged.append(pattern(300));
		await paged.sync();
		const fixed = await openFixed(session);
		const variable = await openVariable(session);
		const glob = await openGlob(session);
		const oversized = await openOversized(session);
		for (const section of [0n, 1n]) {
			await fixed.append(section, pointer(1));
			await variable.append(section, pattern(100));
			await glob.append(section, pattern(100));
			await oversized.append(section, pointer(1), sixteen(1));
			for (const journal of [fixed, variable, glob, oversized]) {
				await journal.sync(section);
			}
		}
	});
}

async function fillPacked(host: Host): Promise<void> {
	const store = await openPacked(host);
	await store.write(guidOf(1), frameOf(1));
	await store.flush();
	await store.drop();
}

function inSession<T>(
	host: Host,
	body: (session: Session) => Promise<T>,
): Promise<T> {
	return withStorage(host, (storage) =>
		body({
			storage,
			cache: new PageCache(storage, { pageSize: 64, pages: 4 }),
		}),
	);
}

async function openPaged({ storage, cache }: Session): Promise<PagedBlob> {
	const blob = await storage.open("paged", "blob");
	try {
		return await PagedBlob.open(blob, { cache });
	} catch (error) {
		await blob.drop();
		throw error;
	}
}

function openFixed({ storage, cache }: Session): Promise<FixedJournal> {
	const entry = { size: 20 };
	return FixedJournal.open(storage, { partition: "fixed", cache, entry });
}

function openVariable({ storage, cache }: Session): Promise<VariableJournal> {
	return VariableJournal.open(storage, { partition: "variable", cache });
}

function openGlob({ storage }: Session): Promise<Glob> {
	return Glob.open(storage, { partition: "glob", writeBuffer: 1024 });
}

function openOversized({ storage, cache }: Session): Promise<OversizedJournal> {
	const entry = { size: 20, offsetAt: 8, sizeAt: 16 };
	return OversizedJournal.open(storage, {
		...{ index: "index", values: "values", cache, entry },
		...{ writeBuffer: 1024, valueBuffer: 1024 },
	});
}
