import { assert } from "chai";
import type { Host } from "../../../src/host/host.ts";
import type { Storage } from "../../../src/storage/storage.ts";
import { contextOf } from "../../../src/storage/storage.ts";
import { InterceptedHost } from "../../support/hosts/intercepted-host.ts";
import {
	existsRaw,
	namesIn,
	readRaw,
	writeRaw,
} from "../../support/hosts/raw-file.ts";
import { assertSame, bytesOf } from "../../support/runs/bytes.ts";
import {
	assertFails,
	assertRefuses,
	callUntyped,
	KERNEL_ERROR,
} from "../../support/runs/failure.ts";
import {
	hostTest,
	type Suite,
	storageTest,
	withStorage,
} from "../../support/runs/suite.ts";
import {
	INDEX,
	type JournalStore,
	journalTest,
	numbered,
	VALUES,
} from "../../support/stores/journal-store.ts";

const CUTS = "dualslot.cut";

/** The copies of bytes that recovery has cut. */
export function cutRows(suite: Suite): void {
	listRows(suite);
	removalRows(suite);
	journalRows(suite);
}

function listRows(suite: Suite): void {
	const test = storageTest(suite);
	const onHost = hostTest(suite);

	test("the copies of what was cut are listed, with where they come from, and removed by their names", async (storage) => {
		assert.deepEqual(await storage.cuts(), []);
		await keep(storage, "b", 3);
		await keep(storage, "a", 1);
		const [first, second] = await storage.cuts();
		assert.deepEqual(first, {
			...{ name: "p.61.1.1", partition: "p", blob: "61", offset: 1 },
		});
		assert.equal(second?.name, "p.62.3.0");
		assert.isTrue(await storage.removeCut("p.61.1.1"));
		assert.isFalse(await storage.removeCut("p.61.1.1"));
		assert.deepEqual(await storage.cuts(), second ? [second] : []);
		assert.deepEqual(await namesIn(storage.host, CUTS), ["p.62.3.0"]);
	});

	test("what lies in dualslot.cut and is no copy of a blob's is not listed, nor removed", async (storage) => {
		await keep(storage, "a", 0);
		const others = ["manifest.log.74.0", "notes", "p.61.x.0"];
		for (const name of others) {
			await writeRaw(storage.host, `${CUTS}/${name}`, bytesOf("kept"));
		}
		assert.lengthOf(await storage.cuts(), 1);
		for (const name of [...others, "", "../dualslot.open", "../p/61"]) {
			assert.isFalse(await storage.removeCut(name));
		}
		await storage.remove("p");
		assert.deepEqual(await namesIn(storage.host, CUTS), others);
		await assertRefuses(TypeError, () => callUntyped(storage, "removeCut", 7));
	});

	test("a copy takes the name of no other, whichever were removed before", async (storage) => {
		const first = await keep(storage, "a", 0, "one");
		await keep(storage, "a", 0, "two");
		await storage.removeCut(first.slice(CUTS.length + 1));
		await keep(storage, "a", 0, "six");
		const names = await namesIn(storage.host, CUTS);
		const kept = names.map((name) => readRaw(storage.host, `${CUTS}/${name}`));
		assert.sameDeepMembers(await Promise.all(kept), [
			bytesOf("two"),
			bytesOf("six"),
		]);
	});

	onHost(
		"a store that is open for reading lists copies, and removes none",
		async (host) => {
			const name = await storeWithCopy(host);
			await withStorage(
				host,
				async (storage) => {
					assert.deepEqual(
						(await storage.cuts()).map((copy) => copy.name),
						[name],
					);
					await assertFails("ERR_READ_ONLY", () => storage.removeCut(name));
					await assertFails("ERR_READ_ONLY", () => storage.remove("p", "a"));
				},
				{ readOnly: true },
			);
			assert.isTrue(await existsRaw(host, `${CUTS}/${name}`));
		},
	);
}

function removalRows(suite: Suite): void {
	const test = storageTest(suite);
	const onHost = hostTest(suite);

	test("the copies of what is removed go with it, and no others", async (storage) => {
		for (const name of ["a", "b", "ab"]) {
			await keep(storage, name, 0);
		}
		await keep(storage, "a", 0, "of q", "q");
		await storage.remove("p", "a");
		assert.deepEqual(await namesIn(storage.host, CUTS), [
			...["p.6162.0.2", "p.62.0.1", "q.61.0.3"],
		]);
		await storage.remove("p");
		assert.deepEqual(await namesIn(storage.host, CUTS), ["q.61.0.3"]);
	});

	test("with { keepCut: true } the copies of what is removed stay", async (storage) => {
		await keep(storage, "a", 0);
		await storage.remove("p", "a", { keepCut: true });
		await storage.remove("p", undefined, { keepCut: true });
		assert.deepEqual(await namesIn(storage.host, CUTS), ["p.61.0.0"]);
		for (const options of [null, 7, { keepCut: 1 }]) {
			await assertRefuses(TypeError, () =>
				callUntyped(storage, "remove", "p", "a", options),
			);
		}
	});

	onHost(
		"a copy that cannot be removed keeps what it is of, until it can",
		async (host) => {
			const watched = new InterceptedHost(host);
			const name = await storeWithCopy(host);
			await withStorage(watched, async (storage) => {
				watched.hooks = {
					remove: (path, call) => {
						if (path.startsWith(CUTS)) {
							throw KERNEL_ERROR;
						}
						return call();
					},
				};
				await assertFails("ERR_IO", () => storage.remove("p", "a"));
				assert.lengthOf(await storage.scan("p"), 1);
				watched.hooks = {};
				await storage.remove("p", "a");
				assert.isFalse(await existsRaw(host, `${CUTS}/${name}`));
				assert.deepEqual(await storage.scan("p"), []);
			});
		},
	);

	onHost(
		"the copies are gone, durably, before what they are of is",
		async (host) => {
			const events: string[] = [];
			const watched = new InterceptedHost(host);
			const name = await storeWithCopy(host);
			await withStorage(watched, async (storage) => {
				watched.hooks = {
					remove: (path, call) => {
						events.push(`remove ${path}`);
						return call();
					},
					syncDirectory: (path, call) => {
						events.push(`sync ${path}`);
						return call();
					},
				};
				await storage.remove("p", "a");
			});
			assert.deepEqual(events, [
				...[`remove ${CUTS}/${name}`, `sync ${CUTS}`],
				...["remove p/61", "sync p"],
			]);
		},
	);
}

function journalRows(suite: Suite): void {
	const test = journalTest(suite);

	test("a prune removes the copies of the sections below, in all its partitions, unless they are to be kept", async (store) => {
		const journal = await store.fixed();
		for (const section of [1n, 2n, 3n]) {
			await journal.append(section, numbered(1));
		}
		await copiesOf(store, [1n, 2n, 3n]);
		await journal.prune(2n, { keepCut: true });
		assert.lengthOf(await namesIn(store.host, CUTS), 6);
		await journal.prune(3n);
		assert.deepEqual(await namesIn(store.host, CUTS), [
			copyOf(INDEX, 3n),
			...[1n, 2n, 3n].map((section) => copyOf(VALUES, section)),
		]);
		await assertRefuses(TypeError, () =>
			callUntyped(journal, "prune", 4n, { keepCut: "no" }),
		);
	});

	test("a section that is removed, a journal that is cleared and one that is destroyed take their copies along", async (store) => {
		const journal = await store.fixed();
		const sections = [1n, 2n];
		await journal.append(1n, numbered(1));
		await copiesOf(store, sections);
		await journal.removeSection(1n);
		assert.notInclude(await namesIn(store.host, CUTS), copyOf(INDEX, 1n));
		assert.include(await namesIn(store.host, CUTS), copyOf(INDEX, 2n));
		await journal.clear();
		assert.notInclude(await namesIn(store.host, CUTS), copyOf(INDEX, 2n));
		await copiesOf(store, sections);
		await journal.append(1n, numbered(1));
		await journal.destroy();
		const left = sections.map((section) => copyOf(VALUES, section));
		assert.deepEqual(await namesIn(store.host, CUTS), left);
	});

	test("a rewind leaves the copies of the sections that it removes", async (store) => {
		const journal = await store.fixed();
		for (const section of [1n, 2n]) {
			await journal.append(section, numbered(1));
		}
		await copiesOf(store, [1n, 2n]);
		await journal.rewind(1n, 0);
		assert.lengthOf(await namesIn(store.host, CUTS), 4);
	});
}

/** Keeps a copy of a blob, from an offset on, as recovery does. */
async function keep(
	storage: Storage,
	name: string,
	offset: number,
	text = "what was cut",
	partition = "p",
): Promise<string> {
	const blob = await storage.open(partition, name);
	await blob.write(0, bytesOf(text));
	const copy = await contextOf(storage).cutCopies.keep(blob, offset);
	await blob.close();
	return copy ?? "";
}

/** Returns the copy's name. */
async function storeWithCopy(host: Host): Promise<string> {
	return withStorage(host, async (storage) => {
		const path = await keep(storage, "a", 0);
		assertSame(await readRaw(host, path), bytesOf("what was cut"));
		await storage.close();
		return path.slice(CUTS.length + 1);
	});
}

async function copiesOf(
	{ host }: JournalStore,
	sections: readonly bigint[],
): Promise<void> {
	for (const partition of [INDEX, VALUES]) {
		for (const section of sections) {
			const path = `${CUTS}/${copyOf(partition, section)}`;
			await writeRaw(host, path, bytesOf("cut"));
		}
	}
}

function copyOf(partition: string, section: bigint): string {
	const blob = section.toString(16).padStart(16, "0");
	return `${partition}.${blob}.8.0`;
}
