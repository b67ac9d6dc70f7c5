import { assert } from "chai";
import { truncateRaw, writeRaw } from "../../support/hosts/raw-file.ts";
import { assertSame } from "../../support/runs/bytes.ts";
import {
	assertFails,
	assertRefuses,
	callUntyped,
} from "../../support/runs/failure.ts";
import { hostTest, type Suite } from "../../support/runs/suite.ts";
import {
	FRAME_SIZE,
	guidOf,
	LOG_PATH,
	setRecord,
} from "../../support/stores/packed-files.ts";
import {
	frameOf,
	frameValue,
	type PackedSession,
	packedTest,
	withPacked,
} from "../../support/stores/packed-store.ts";

export function readingRows(suite: Suite): void {
	rangeRows(suite);
	manyRows(suite);
	guidRows(suite);
	damageRows(suite);
}

function rangeRows(suite: Suite): void {
	for (const checked of [true, false]) {
		packedTest(suite)(
			`ranges of any bounds are read, ${checked ? "and the frame checked" : "unchecked"}`,
			async ({ store }) => {
				await store.writeMany([
					[guidOf(1), frameOf(1)],
					[guidOf(2), frameOf(2)],
				]);
				const frame = frameOf(1);
				for (const [offset, length] of [
					[0, 1],
					[4095, 2],
					[4096, 4096],
					[5, 100_000],
					[FRAME_SIZE - 1, 1],
					[FRAME_SIZE - 4097, 4097],
					[FRAME_SIZE, 0],
					[7, 0],
					[0, FRAME_SIZE],
				] as const) {
					const target = new Uint8Array(length);
					await store.readRange(guidOf(1), offset, target, { checked });
					assertSame(target, frame.subarray(offset, offset + length));
				}
			},
		);
	}

	packedTest(suite)(
		"a range past the frame's end is refused before any I/O",
		async ({ store, host }) => {
			await store.write(guidOf(1), frameOf(1));
			host.hooks.read = () => assert.fail("it read");
			const refused = [
				[FRAME_SIZE, 1],
				[FRAME_SIZE - 1, 2],
				[0, FRAME_SIZE + 1],
				[-1, 1],
				[0.5, 1],
				[Number.NaN, 1],
				[2 ** 53, 0],
			] as const;
			for (const [offset, length] of refused) {
				const target = new Uint8Array(length);
				await assertRefuses(RangeError, () =>
					store.readRange(guidOf(1), offset, target),
				);
			}
			for (const target of [undefined, "bytes", new ArrayBuffer(1)]) {
				const read = () =>
					callUntyped(store, "readRange", guidOf(1), 0, target);
				await assertRefuses(TypeError, read);
			}
		},
	);
}

/** Of twelve reads at once. */
async function mostReadsUnderWay(session: PackedSession): Promise<number> {
	await session.write(1, 1);
	let underWay = 0;
	let most = 0;
	session.host.hooks.read = async (_, call) => {
		underWay += 1;
		most = Math.max(most, underWay);
		const count = await call();
		await new Promise((resolve) => setTimeout(resolve));
		underWay -= 1;
		return count;
	};
	const frames = await Promise.all(
		Array.from({ length: 12 }, () => session.store.allocateFrame()),
	);
	await session.store.readMany(
		frames.map(() => guidOf(1)),
		frames,
	);
	return most;
}

function manyRows(suite: Suite): void {
	const test = packedTest(suite);

	test("frames are read together, each into its own target", async (session) => {
		const values = [1, 2, 3];
		await session.writeMany(...values.map((value) => [value, value] as const));
		const order = [3, 1, 2, 2, 1, 3, 3, 1, 2, 1];
		const targets = order.map(() => new Uint8Array(FRAME_SIZE));
		await session.store.readMany(order.map(guidOf), targets);
		assert.deepEqual(targets.map(frameValue), order);
	});

	test("of frames that are read together one that is missing is told, and the others are read", async (session) => {
		await session.writeMany([1, 1], [2, 2]);
		const targets = [1, 9, 8, 2].map(() => new Uint8Array(FRAME_SIZE));
		const error = await assertFails("ERR_FRAME_MISSING", () =>
			session.store.readMany([1, 9, 8, 2].map(guidOf), targets),
		);
		assert.equal(error.place.guid, "09".repeat(16));
		const [first, , , last] = targets;
		assert.deepEqual(
			[first, last].map((frame) => frame?.[1]),
			[1, 2],
		);
	});

	test(
		"no more than eight reads are under way at once, and in a ring half of those that are checked",
		async (session) => {
			const most = await mostReadsUnderWay(session);
			assert.equal(most, session.store.capabilities.ring ? 6 : 8);
		},
		{ frames: 12 },
	);

	test(
		"no more than eight reads are under way at once, but in a ring, where nothing is checked, as many as it has entries",
		async (session) => {
			const most = await mostReadsUnderWay(session);
			assert.equal(most, session.store.capabilities.ring ? 12 : 8);
		},
		{ frames: 12, checksums: false },
	);

	test("as many targets as GUIDs are asked for", async ({ store }) => {
		await assertRefuses(RangeError, () => store.readMany([guidOf(1)], []));
		await store.readMany([], []);
	});
}

const BYTES = Uint8Array.from({ length: 16 }, (_, at) => 0xf0 - at);
const TEXTS = [
	"f0efeeedecebeae9e8e7e6e5e4e3e2e1",
	"F0EFEEEDECEBEAE9E8E7E6E5E4E3E2E1",
	"f0efeeed-eceb-eae9-e8e7-e6e5e4e3e2e1",
	"F0EFEEED-eceb-EAE9-e8e7-E6E5E4E3E2E1",
];

function guidRows(suite: Suite): void {
	const test = packedTest(suite);

	test("a GUID is the same in bytes, in digits and as a UUID, in any case", async ({
		store,
	}) => {
		for (const [at, text] of [BYTES, ...TEXTS].entries()) {
			await store.write(text, frameOf(at));
		}
		assert.deepEqual(store.list(), [BYTES]);
		for (const text of [BYTES, ...TEXTS]) {
			assert.isTrue(store.has(text));
		}
		assert.isTrue(await store.delete(TEXTS[3] ?? ""));
		assert.isFalse(store.has(BYTES));
	});

	test("a GUID that is changed after a call was another's then", async (session) => {
		const guid = guidOf(1);
		const writing = session.store.write(guid, frameOf(1));
		guid.fill(2);
		await writing;
		assert.deepEqual(await session.contents(), [[1, 1]]);
		session.store.list()[0]?.fill(3);
		assert.isTrue(session.store.has(guidOf(1)));
	});

	test("GUIDs are listed in the order of their bytes", async ({ store }) => {
		const first = Uint8Array.of(0, ...BYTES.subarray(1));
		const frame = frameOf(1);
		for (const guid of [BYTES, guidOf(0x80), first, guidOf(0x7f)]) {
			await store.write(guid, frame);
		}
		assert.deepEqual(store.list(), [first, guidOf(0x7f), guidOf(0x80), BYTES]);
		assert.equal(store.size, 4);
	});

	test("what is no GUID is refused before any I/O", async ({ store, host }) => {
		host.hooks.write = () => assert.fail("it wrote");
		const frame = frameOf(1);
		for (const guid of [
			...[new Uint8Array(15), new Uint8Array(17), new Uint16Array(16)],
			...["", "f0", `${TEXTS[0]}0`, `{${TEXTS[2]}}`, ` ${TEXTS[0]}`],
			...[`${TEXTS[0]}\n`, TEXTS[2]?.replace("-", ""), "g".repeat(32)],
			...[undefined, null, 7, new ArrayBuffer(16)],
		]) {
			for (const call of [
				() => callUntyped(store, "write", guid, frame),
				() => callUntyped(store, "read", guid, frame),
				() => callUntyped(store, "readMany", [guid], [frame]),
				() => callUntyped(store, "readRange", guid, 0, frame),
				() => callUntyped(store, "delete", guid),
				() => callUntyped(store, "has", guid),
			]) {
				await assertRefuses(TypeError, call, "GUID");
			}
		}
	});
}

function damageRows(suite: Suite): void {
	const test = hostTest(suite);

	test("a GUID that nobody wrote is not found", async (host) => {
		await withPacked(host, {}, async (store) => {
			const frame = new Uint8Array(FRAME_SIZE);
			await assertFails("ERR_FRAME_MISSING", () =>
				store.read(guidOf(1), frame),
			);
			await assertFails("ERR_FRAME_MISSING", () =>
				store.readRange(guidOf(1), 0, frame),
			);
			assert.isFalse(store.has(guidOf(1)));
			assert.deepEqual(store.list(), []);
		});
	});

	test("a frame that the file ends before is told, with its slot", async (host) => {
		const log = new Uint8Array([...setRecord(1, 0), ...setRecord(2, 1)]);
		await writeRaw(host, LOG_PATH, log);
		await writeRaw(host, "blobs.dat", frameOf(1));
		await truncateRaw(host, "blobs.dat", FRAME_SIZE + 4096);
		await withPacked(host, {}, async (store) => {
			const frame = new Uint8Array(FRAME_SIZE);
			await store.read(guidOf(1), frame);
			assert.equal(frameValue(frame), 1);
			const error = await assertFails("ERR_BLOB_INSUFFICIENT_LENGTH", () =>
				store.read(guidOf(2), frame),
			);
			assert.equal(error.place.slot, 1n);
			await store.readRange(guidOf(2), 100, new Uint8Array(100));
		});
	});

	test("a slot past what can be counted is told when it is read, and the others go on", async (host) => {
		const far = 2n ** 64n - 2n;
		const log = [setRecord(1, far), setRecord(2, 2n ** 34n)];
		await writeRaw(
			host,
			LOG_PATH,
			new Uint8Array(log.flatMap((record) => [...record])),
		);
		for (const rewrite of ["shadow", "in-place"] as const) {
			await withPacked(host, { rewrite }, async (store) => {
				const frame = frameOf(3);
				for (const guid of [1, 2]) {
					const error = await assertFails("ERR_OFFSET_OVERFLOW", () =>
						store.read(guidOf(guid), frame),
					);
					assert.isTrue((error.place.slot ?? 0n) >= 2n ** 34n);
				}
				await store.write(guidOf(3), frame);
				await store.flush();
				assert.equal(store.size, 3);
			});
		}
	});

	test("in place, a GUID on a slot past what can be counted is not written, and nothing else refused", async (host) => {
		await writeRaw(host, LOG_PATH, setRecord(1, 2n ** 64n - 2n));
		await withPacked(host, { rewrite: "in-place" }, async (store) => {
			await assertFails("ERR_OFFSET_OVERFLOW", () =>
				store.write(guidOf(1), frameOf(1)),
			);
			await store.write(guidOf(2), frameOf(2));
			await store.flush();
		});
	});
}
