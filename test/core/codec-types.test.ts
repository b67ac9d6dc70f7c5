import { assert } from "chai";
import { test } from "vitest";
import { memoryHost } from "../../hosts/memory.ts";
import {
	codec,
	type FixedCodec,
	FixedJournal,
	Glob,
	type Infer,
	OversizedJournal,
	PageCache,
	type ReplayedEntry,
	type ReplayedItem,
	Storage,
	VariableJournal,
} from "../../src/index.ts";

/** True where both are the same type; the compiler refuses what is asserted and false. */
type Same<A, B> =
	(<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2
		? true
		: false;

function isTyped<_Holds extends true>(): void {}

const POINT = codec.struct({ x: codec.i32, y: codec.i32 });
const RECORD = codec.struct({
	id: codec.u64,
	offset: codec.u64,
	size: codec.u32,
});
const NOTE = codec.struct({
	text: codec.string(),
	tags: codec.array(codec.u8, { max: 9 }),
	at: codec.option(codec.tuple(codec.f64, codec.bool)),
	raw: codec.bytes({ max: 9 }),
});

type Point = { readonly x: number; readonly y: number };
type Record = {
	readonly id: bigint;
	readonly offset: bigint;
	readonly size: number;
};
type Note = {
	readonly text: string;
	readonly tags: readonly number[];
	readonly at: readonly [number, boolean] | undefined;
	readonly raw: Uint8Array;
};

test("the compiler knows a codec's values, and whether they all have one size", () => {
	isTyped<Same<Infer<typeof POINT>, Point>>();
	isTyped<Same<Infer<typeof NOTE>, Note>>();
	isTyped<Same<Infer<typeof codec.svarint64>, bigint>>();
	const size: number = POINT.size;
	assert.equal(size, 8);
	const fixed: FixedCodec<Point> = POINT;
	assert.equal(fixed, POINT);
	// @ts-expect-error: its values have no one size
	const notFixed: FixedCodec<Note> = NOTE;
	assert.isUndefined(notFixed.size);
	// @ts-expect-error: none would be two things
	codec.option(codec.option(codec.u8));
	// @ts-expect-error: an array's items are bounded
	assert.throws(() => codec.array(codec.u8));
	// @ts-expect-error: a field is missing
	assert.throws(() => codec.encode(POINT, { x: 1 }), TypeError);
	// @ts-expect-error: 64 bits are a bigint
	assert.throws(() => codec.encode(codec.u64, 1), TypeError);
});

test("the compiler knows what a journal takes and gives by its codec, or bytes without one", async () => {
	const storage = await Storage.open(memoryHost());
	const cache = new PageCache(storage, { pageSize: 64, pages: 4 });
	const points = await FixedJournal.open(storage, {
		...{ partition: "points", cache, entry: POINT },
	});
	await points.appendMany(1n, [{ x: 1, y: 2 }]);
	await points.append(1n, { x: 1, y: 2 });
	const point = await points.get(1n, 0);
	isTyped<Same<typeof point, Point>>();
	const last = await points.last(1n);
	isTyped<Same<typeof last, Point | undefined>>();
	const many = await points.getMany(1n, [0]);
	isTyped<Same<typeof many, readonly Point[]>>();
	for await (const replayed of points.replay()) {
		isTyped<Same<typeof replayed, ReplayedEntry<Point>>>();
	}
	const bytes = await FixedJournal.open(storage, {
		...{ partition: "bytes", cache, entry: { size: 4 } },
	});
	isTyped<Same<typeof bytes, FixedJournal>>();
	isTyped<Same<typeof bytes, FixedJournal<Uint8Array, Uint8Array>>>();
	const notes = await Glob.open(storage, { partition: "notes", value: NOTE });
	isTyped<Same<typeof notes, Glob<Note>>>();
	const values = await Glob.open(storage, { partition: "values" });
	isTyped<Same<typeof values, Glob>>();
	await storage.drop();
});

test("the compiler knows the items of a variable journal by its codec, or bytes without one", async () => {
	const storage = await Storage.open(memoryHost());
	const cache = new PageCache(storage, { pageSize: 64, pages: 4 });
	const notes = await VariableJournal.open(storage, {
		...{ partition: "notes", cache, item: NOTE },
	});
	isTyped<Same<typeof notes, VariableJournal<Note>>>();
	const note = { text: "a", tags: [1], at: undefined, raw: new Uint8Array() };
	const { offset } = await notes.append(1n, note);
	await notes.appendMany(1n, [note]);
	const got = await notes.get(1n, offset);
	isTyped<Same<typeof got, Note>>();
	const tried = notes.tryGet(1n, offset);
	isTyped<Same<typeof tried, Note | undefined>>();
	const many = await notes.getMany(1n, [offset]);
	isTyped<Same<typeof many, Note[]>>();
	for await (const replayed of notes.replay()) {
		isTyped<Same<typeof replayed, ReplayedItem<Note>>>();
	}
	for await (const batch of notes.replay().batches()) {
		const bytes = batch.item(0);
		isTyped<Same<typeof bytes, Uint8Array>>();
	}
	const bytes = await VariableJournal.open(storage, {
		...{ partition: "bytes", cache },
	});
	isTyped<Same<typeof bytes, VariableJournal>>();
	await storage.drop();
});

test("the compiler knows the entry and the value of an oversized journal, each with a codec or without", async () => {
	const storage = await Storage.open(memoryHost());
	const cache = new PageCache(storage, { pageSize: 64, pages: 4 });
	const fields = { offsetAt: 8, sizeAt: 16 };
	const both = await OversizedJournal.open(storage, {
		...{ index: "a", values: "b", cache, value: NOTE },
		entry: { codec: RECORD, ...fields },
	});
	isTyped<
		Same<typeof both, OversizedJournal<Record, readonly Record[], Note>>
	>();
	const entries = await OversizedJournal.open(storage, {
		...{ index: "c", values: "d", cache },
		entry: { codec: RECORD, ...fields },
	});
	isTyped<
		Same<
			typeof entries,
			OversizedJournal<Record, readonly Record[], Uint8Array>
		>
	>();
	const neither = await OversizedJournal.open(storage, {
		...{ index: "e", values: "f", cache },
		entry: { size: 20, ...fields },
	});
	isTyped<Same<typeof neither, OversizedJournal>>();
	await storage.drop();
});
