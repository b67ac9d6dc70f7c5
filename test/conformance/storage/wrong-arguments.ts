import { assert } from "chai";
import { isStorageError } from "../../../src/errors.ts";
import type { Host } from "../../../src/host/host.ts";
import { FixedJournal } from "../../../src/journal/entries/fixed-journal.ts";
import { VariableJournal } from "../../../src/journal/items/variable-journal.ts";
import { OversizedJournal } from "../../../src/journal/oversized/oversized-journal.ts";
import { Glob } from "../../../src/journal/values/glob.ts";
import { PageCache } from "../../../src/paged/cache.ts";
import { PagedBlob } from "../../../src/paged/paged-blob.ts";
import { Storage } from "../../../src/storage/storage.ts";
import { exportTo, importFrom } from "../../../src/transfer/index.ts";
import { callUntyped } from "../../support/runs/failure.ts";
import { type Random, seeded } from "../../support/runs/prng.ts";
import { sharedRounds } from "../../support/runs/share.ts";
import {
	hostTest,
	MEMORY,
	type Suite,
	withStorage,
} from "../../support/runs/suite.ts";
import { guidOf } from "../../support/stores/packed-files.ts";
import {
	frameOf,
	SMALL,
	withPacked,
} from "../../support/stores/packed-store.ts";

const CALLS = 5000;
const PACKED_CALLS = 1000;
const LARGE = 2 ** 40;

/** Each call of a class that changes something, or reads what may be missing. */
const METHODS: Readonly<Record<string, readonly string[]>> = {
	storage: ["open", "remove", "scan", "cuts", "removeCut"],
	blob: [
		...["read", "readInto", "tryReadInto", "write", "writeSync", "resize"],
	],
	paged: [
		...["append", "read", "readUpTo", "readMany", "tryRead", "replay"],
		...["resize"],
	],
	fixed: [
		...["append", "appendMany", "get", "getMany", "tryGet", "last", "replay"],
		...["size", "sync", "prune", "rewind", "rewindSection", "removeSection"],
	],
	variable: [
		...["append", "appendMany", "get", "getMany", "tryGet", "replay"],
		...["size", "sync", "prune", "rewind", "rewindSection", "removeSection"],
	],
	glob: ["append", "get", "size", "sync", "prune", "rewind", "rewindSection"],
	oversized: [
		...["append", "get", "getMany", "getValue", "getValues", "tryGetValue"],
		...["valueSize", "last", "replay"],
		...["size", "sync", "prune", "rewind", "rewindSection", "removeSection"],
	],
	packed: [
		...["allocateFrame", "write", "writeMany", "read", "readMany", "readRange"],
		...["delete", "has", "coverFrames"],
	],
};

/** Values that no call takes, or only some. */
function anything(random: Random): unknown {
	const values = [
		...[undefined, null, true, Symbol("symbol"), () => undefined],
		...[Number.NaN, -1, 0, 0.5, 1, LARGE, 2 ** 53, Number.POSITIVE_INFINITY],
		...[-1n, 0n, 1n, 2n ** 64n, "", "text", "../..", "\ud800", "undefined"],
		...[{}, [], [1], [null], [[]], new Map(), Object.create(null), new Date(0)],
		...[new Uint8Array(0), new Uint8Array(5), new Uint16Array(3)],
		...[new ArrayBuffer(8), Promise.resolve(1), new Proxy({}, {})],
	];
	return values[random.integer(0, values.length)];
}

export function wrongArgumentRows(suite: Suite): void {
	const onHost = hostTest(suite);
	wordRows(suite);

	onHost(
		"a call with wrong arguments is refused with a word, and the store opens again with what it had",
		onSeed(async (random, host) => {
			await makeStore(host);
			for (const _ of sharedRounds(CALLS, "calls with wrong arguments")) {
				const call = await withStorage(host, (storage) =>
					wrongCall(random, storage),
				);
				if (call.isTaken) {
					await host.remove("");
					await makeStore(host);
				}
				await assertWhole(host, call.name);
			}
		}),
	);

	onHost(
		"a packed store that was called with wrong arguments opens again with what it had",
		onSeed(async (random, host) => {
			await makePacked(host);
			for (const _ of sharedRounds(
				PACKED_CALLS,
				"such calls of packed stores",
			)) {
				const call = await withPacked(host, SMALL, (store) =>
					wrongCallOf(random, "packed", store),
				);
				if (call.isTaken) {
					await host.remove("");
					await makePacked(host);
				}
				await assertPacked(host, call.name);
			}
		}),
	);

	onHost(
		"a store that is opened with wrong options is refused, and opens again with what it had",
		onSeed(async (random, host) => {
			await makeStore(host);
			for (const _ of sharedRounds(CALLS / 5, "openings with wrong options")) {
				const key = random.pick([
					"readOnly",
					"wait",
					"memory",
					"metadata",
					"erase",
				]);
				const options = random.chance(0.1)
					? anything(random)
					: { memory: MEMORY, [key]: anything(random) };
				const call = await outcomeOf(`open ${key}`, async () => {
					const opening = callUntyped(Storage, "open", host, options);
					const storage = (await opening) as Storage;
					await storage.drop();
				});
				await assertWhole(host, call.name);
			}
		}),
	);
}

function wordRows(suite: Suite): void {
	const onHost = hostTest(suite);

	onHost(
		"what a wrong call is refused with names the argument, and never what the engine made of it",
		onSeed(async (random, host) => {
			const said = new Set<string>();
			await makeStore(host);
			await withStorage(host, async (storage) => {
				const objects = await everyKind(storage);
				for (const _ of sharedRounds(
					CALLS,
					"wrong calls whose words are read",
				)) {
					const kind = random.pick(Object.keys(objects));
					const call = random.chance(0.3)
						? await wrongOpenOrTransfer(random, storage)
						: await wrongCallOf(random, kind, objects[kind] ?? storage);
					noteWords(said, call);
				}
			});
			await host.remove("");
			// A new store each: leased frames are not released.
			for (const _ of sharedRounds(PACKED_CALLS, "such calls of frames")) {
				const call = await withPacked(host, SMALL, (store) =>
					wrongCallOf(random, "packed", store),
				);
				noteWords(said, call);
			}
			assert.deepEqual([...said].sort(), []);
		}),
	);
}

/** The outcome of a call: whether it was accepted, and its name. */
interface Outcome {
	readonly name: string;
	readonly isTaken: boolean;
	/** The message of its error. */
	readonly message?: string;
}

/** JavaScript's messages for a mistake in dualslot's own code, or for no value used as one. */
const ENGINES_WORDS =
	/Cannot (?:destructure|read|convert|set|use|mix)|is not (?:a function|iterable|a constructor)|\ban? undefined\b|\ba (?:object|array)\b|\[object |Invalid (?:array|typed|string)|must be of type/;

function noteWords(said: Set<string>, { name, message = "" }: Outcome): void {
	if (ENGINES_WORDS.test(message)) {
		said.add(`${name}: ${message}`);
	}
}

async function everyKind(storage: Storage): Promise<Record<string, object>> {
	const kinds = Object.keys(METHODS).filter((kind) => kind !== "packed");
	const opening = kinds.map(async (kind) => [
		kind,
		await opened(storage, kind),
	]);
	return Object.fromEntries(await Promise.all(opening));
}

function onSeed(
	body: (random: Random, host: Host) => Promise<void>,
): (host: Host) => Promise<void> {
	return (host) => seeded((random) => body(random, host))();
}

/** Fails where the call's error is neither the caller's mistake nor dualslot's own error. */
async function outcomeOf(name: string, call: () => unknown): Promise<Outcome> {
	try {
		const result = await call();
		if (typeof result === "object" && result !== null) {
			await taken(result);
		}
		return { name, isTaken: true };
	} catch (error) {
		const isSaid =
			error instanceof TypeError ||
			error instanceof RangeError ||
			isStorageError(error);
		assert.isTrue(isSaid, `${name}: ${String(error)}`);
		const message = error instanceof Error ? error.message : String(error);
		return { name, isTaken: false, message };
	}
}

/** A replay fails when it is begun. */
async function taken(result: object): Promise<void> {
	if (Symbol.asyncIterator in result) {
		for await (const _ of result as AsyncIterable<unknown>) {
			return;
		}
	}
}

async function wrongCall(random: Random, storage: Storage): Promise<Outcome> {
	if (random.chance(0.3)) {
		return wrongOpen(random, storage);
	}
	if (random.chance(0.1)) {
		return wrongTransfer(random, storage);
	}
	const kind = random.pick(
		Object.keys(METHODS).filter((name) => name !== "packed"),
	);
	return wrongCallOf(random, kind, await opened(storage, kind));
}

function wrongOpenOrTransfer(
	random: Random,
	storage: Storage,
): Promise<Outcome> {
	return random.chance(0.3)
		? wrongTransfer(random, storage)
		: wrongOpen(random, storage);
}

function wrongCallOf(
	random: Random,
	kind: string,
	object: object,
): Promise<Outcome> {
	const method = random.pick(METHODS[kind] ?? []);
	const count = random.integer(0, 4);
	const given = Array.from({ length: count }, () => anything(random));
	if (kind === "paged" && given[0] === LARGE) {
		// Growing by that much is no mistake, and takes all day.
		given[0] = -LARGE;
	}
	return outcomeOf(`${kind}.${method}`, () =>
		callUntyped(object, method, ...given),
	);
}

function wrongTransfer(random: Random, storage: Storage): Promise<Outcome> {
	const call = random.pick([exportTo, importFrom]);
	const first = random.chance(0.2) ? anything(random) : storage;
	const given = [first, anything(random), anything(random)];
	return outcomeOf(call.name, () => Reflect.apply(call, undefined, given));
}

/** Opens one of the classes with one wrong option, or another first argument. */
function wrongOpen(random: Random, storage: Storage): Promise<Outcome> {
	const opening = random.pick(OPENINGS);
	const options: Record<string, unknown> = { ...opening.options(storage) };
	const key = random.pick([
		...Object.keys(options),
		...["writeBuffer", "compression", "pageSize"],
	]);
	options[key] = anything(random);
	const isFirst = random.chance(0.2);
	const first = isFirst ? anything(random) : storage;
	if (opening.of === PagedBlob && random.chance(0.5)) {
		const names: unknown[] = ["pages", "name"];
		if (random.chance(0.5)) {
			names[random.integer(0, 2)] = anything(random);
		}
		return outcomeOf(`open PagedBlob by names, ${key}`, () =>
			callUntyped(PagedBlob, "open", first, ...names, options),
		);
	}
	const second = random.chance(0.1) ? anything(random) : options;
	return outcomeOf(`open ${opening.of.name} ${key}`, () =>
		callUntyped(opening.of, "open", first, second),
	);
}

function cacheOf(storage: Storage): PageCache {
	return new PageCache(storage, { pageSize: 64, pages: 4 });
}

/** A class, and the options to open it. */
interface Opening {
	readonly of: object & { readonly name: string };
	readonly options: (storage: Storage) => object;
}

const ENTRY = { size: 20, offsetAt: 8, sizeAt: 16 };
const OPENINGS: readonly Opening[] = [
	{ of: PagedBlob, options: (storage) => ({ cache: cacheOf(storage) }) },
	{
		of: FixedJournal,
		options: (storage) => ({
			...{ partition: "fixed", cache: cacheOf(storage), entry: { size: 8 } },
		}),
	},
	{
		of: VariableJournal,
		options: (storage) => ({
			...{ partition: "variable", cache: cacheOf(storage) },
		}),
	},
	{ of: Glob, options: () => ({ partition: "glob" }) },
	{
		of: OversizedJournal,
		options: (storage) => ({
			...{ index: "index", values: "values", cache: cacheOf(storage) },
			entry: ENTRY,
		}),
	},
];

async function opened(storage: Storage, kind: string): Promise<object> {
	const cache = cacheOf(storage);
	switch (kind) {
		case "storage":
			return storage;
		case "blob":
			return storage.open("raw", "name");
		case "paged":
			return PagedBlob.open(await storage.open("pages", "name"), { cache });
		case "fixed":
			return openFixed(storage);
		case "variable":
			return VariableJournal.open(storage, { partition: "variable", cache });
		case "glob":
			return Glob.open(storage, { partition: "glob" });
		default:
			return openOversized(storage);
	}
}

function openFixed(storage: Storage): Promise<FixedJournal> {
	const cache = cacheOf(storage);
	const entry = { size: 8 };
	return FixedJournal.open(storage, { partition: "fixed", cache, entry });
}

function openOversized(storage: Storage): Promise<OversizedJournal> {
	const cache = cacheOf(storage);
	const names = { index: "index", values: "values" };
	return OversizedJournal.open(storage, { ...names, cache, entry: ENTRY });
}

const RECORD = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);

async function makeStore(host: Host): Promise<void> {
	await withStorage(host, async (storage) => {
		const cache = cacheOf(storage);
		const raw = await storage.open("raw", "name");
		await raw.write(0, RECORD);
		const blob = await storage.open("pages", "name");
		const paged = await PagedBlob.open(blob, { cache });
		await paged.append(RECORD);
		const fixed = await openFixed(storage);
		await fixed.append(1n, RECORD);
		const items = { partition: "variable", cache };
		const variable = await VariableJournal.open(storage, items);
		await variable.append(1n, RECORD);
		const glob = await Glob.open(storage, { partition: "glob" });
		await glob.append(1n, RECORD);
		const oversized = await openOversized(storage);
		await oversized.append(1n, new Uint8Array(20), RECORD);
		await storage.close();
	});
}

/** Opens all that the store had. */
async function assertWhole(host: Host, call: string): Promise<void> {
	await withStorage(host, async (storage) => {
		const cache = cacheOf(storage);
		const raw = await storage.open("raw", "name");
		assert.deepEqual(await raw.read(0, raw.size), RECORD, call);
		const blob = await storage.open("pages", "name");
		const paged = await PagedBlob.open(blob, { cache });
		assert.deepEqual(await paged.read(0, paged.size), RECORD, call);
		const fixed = await openFixed(storage);
		assert.deepEqual(await fixed.get(1n, 0), RECORD, call);
		const items = { partition: "variable", cache };
		const variable = await VariableJournal.open(storage, items);
		assert.deepEqual(await variable.get(1n, 0), RECORD, call);
		const glob = await Glob.open(storage, { partition: "glob" });
		assert.deepEqual(await glob.get(1n, 0, 12), RECORD, call);
		const oversized = await openOversized(storage);
		assert.deepEqual(await oversized.getValue(1n, 0, 12), RECORD, call);
		assert.isDefined(await oversized.last(1n), call);
		await storage.close();
	});
}

function makePacked(host: Host): Promise<void> {
	return withPacked(host, SMALL, async (store) => {
		await store.write(guidOf(1), frameOf(1));
		await store.close();
	});
}

function assertPacked(host: Host, call: string): Promise<void> {
	return withPacked(host, SMALL, async (store) => {
		const frame = new Uint8Array(frameOf(0).length);
		await store.read(guidOf(1), frame);
		assert.equal(frame[1], 1, call);
		assert.equal(store.size, 1, call);
	});
}
