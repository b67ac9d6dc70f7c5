import { assert } from "chai";
import type { Frame } from "../../../src/packed/frames/frame.ts";
import type { PackedStore } from "../../../src/packed/packed-store.ts";
import { holdNextRead } from "../../support/hosts/held-read.ts";
import { settleTurns } from "../../support/hosts/held-syncs.ts";
import { assertSame, filled } from "../../support/runs/bytes.ts";
import {
	assertFails,
	assertRefuses,
	callUntyped,
	failureOf,
	KERNEL_ERROR,
} from "../../support/runs/failure.ts";
import type { Suite } from "../../support/runs/suite.ts";
import {
	FRAME_SIZE,
	FRAMES_PATH,
	guidOf,
} from "../../support/stores/packed-files.ts";
import {
	frameOf,
	frameValue,
	packedTest,
	withPacked,
} from "../../support/stores/packed-store.ts";

/** The pool of a store under test has two frames. */
const POOL = 2;

export function frameRows(suite: Suite): void {
	leaseRows(suite);
	waitingRows(suite);
	keepingRows(suite);
	copyRows(suite);
	closingRows(suite);
}

function leaseRows(suite: Suite): void {
	const test = packedTest(suite);

	test("a leased frame is 512 KiB of zeros, aligned, whatever it held before", async ({
		store,
	}) => {
		for (let round = 0; round < 3; round += 1) {
			const frames = await leaseAll(store);
			for (const frame of frames) {
				assert.equal(frame.bytes.byteOffset % 4096, 0);
				assertSame(frame.bytes, filled(FRAME_SIZE, 0));
				frame.bytes.fill(0xee);
				frame.release();
			}
		}
	});

	test("a released frame has no bytes, and is refused", async (session) => {
		const { store } = session;
		await session.write(1, 1);
		const frame = await store.allocateFrame();
		frame.release();
		await assertRefuses(TypeError, () => frame.bytes, "released");
		await assertRefuses(TypeError, () => store.write(guidOf(1), frame));
		await assertRefuses(TypeError, () => store.read(guidOf(1), frame));
		assert.equal(await session.read(1), 1);
	});

	test("a frame that is released twice is back once", async ({ store }) => {
		const [first, second] = await leaseAll(store);
		first?.release();
		first?.release();
		const again = await store.allocateFrame();
		const waiting = store.allocateFrame();
		await settleTurns();
		second?.release();
		assert.notEqual((await waiting).bytes.byteOffset, again.bytes.byteOffset);
	});
}

function waitingRows(suite: Suite): void {
	const test = packedTest(suite);

	test("who asks for a frame waits for one, and is served in turn", async ({
		store,
	}) => {
		const frames = await leaseAll(store);
		const served: number[] = [];
		const waiting = [0, 1, 2].map(async (place) => {
			const frame = await store.allocateFrame();
			served.push(place);
			frame.release();
		});
		await settleTurns();
		assert.deepEqual(served, []);
		frames[0]?.release();
		await Promise.all(waiting);
		assert.deepEqual(served, [0, 1, 2]);
	});

	test("a signal ends the wait for a frame, and leaves none behind", async ({
		store,
	}) => {
		const frames = await leaseAll(store);
		const controller = new AbortController();
		const { signal } = controller;
		const waiting = [0, 1].map(() =>
			failureOf(() => store.allocateFrame({ signal })),
		);
		const behind = store.allocateFrame();
		await settleTurns();
		controller.abort(KERNEL_ERROR);
		// In the turn of the abort, before any waiting call has heard of it.
		for (const frame of frames) {
			frame.release();
		}
		assert.deepEqual(await Promise.all(waiting), [KERNEL_ERROR, KERNEL_ERROR]);
		assert.equal(
			await failureOf(() => store.allocateFrame({ signal })),
			KERNEL_ERROR,
		);
		(await behind).release();
		await leaseAll(store);
	});

	test("a frame of another size, or of none, is refused before any I/O", async ({
		store,
		host,
	}) => {
		host.hooks.write = () => assert.fail("it wrote");
		host.hooks.read = () => assert.fail("it read");
		for (const length of [0, FRAME_SIZE - 1, FRAME_SIZE + 1]) {
			const frame = new Uint8Array(length);
			await assertRefuses(RangeError, () => store.write(guidOf(1), frame));
			await assertRefuses(RangeError, () => store.read(guidOf(1), frame));
		}
		for (const frame of [
			undefined,
			null,
			"frame",
			new ArrayBuffer(FRAME_SIZE),
		]) {
			const write = () => callUntyped(store, "write", guidOf(1), frame);
			await assertRefuses(TypeError, write);
		}
		assert.isFalse(store.needsFlush);
	});
}

function keepingRows(suite: Suite): void {
	const test = packedTest(suite);

	for (const rewrite of ["shadow", "in-place"] as const) {
		test(
			`${rewrite}: a frame that is released while it is written is written as it was, and not leased before`,
			async (session) => {
				const { store } = session;
				const [first, second] = await leaseAll(store);
				first?.bytes.set(frameOf(1));
				second?.bytes.set(frameOf(2));
				const writes = [first, second].map((frame, at) =>
					frame ? store.write(guidOf(at), frame) : undefined,
				);
				first?.release();
				second?.release();
				const leased = store.allocateFrame().then((frame) => {
					frame.bytes.fill(0xee);
					frame.release();
				});
				await Promise.all([...writes, leased]);
				assert.deepEqual(await session.contents(), [
					[0, 1],
					[1, 2],
				]);
			},
			{ rewrite },
		);
	}

	test("a frame that is released while it is read is not leased before the read has ended", async (session) => {
		const { store, host } = session;
		await session.write(1, 1);
		const [first] = await leaseAll(store);
		if (first === undefined) {
			return;
		}
		const held = holdNextRead(host);
		const reading = store.read(guidOf(1), first);
		await held.begun;
		first.release();
		let isLeased = false;
		const leasing = store.allocateFrame().then(() => {
			isLeased = true;
		});
		await settleTurns();
		assert.isFalse(isLeased);
		held.release();
		await Promise.all([reading, leasing]);
	});

	test(
		"frames that are released while they wait to be read into are back once",
		async (session) => {
			const { store, host } = session;
			await session.write(1, 1);
			const frames = await Promise.all(
				Array.from({ length: 10 }, () => store.allocateFrame()),
			);
			const held = holdNextRead(host);
			const guids = frames.map(() => guidOf(1));
			const reading = store.readMany(guids, frames);
			await held.begun;
			for (const frame of frames) {
				frame.release();
			}
			held.release();
			await reading;
			const again = await Promise.all(frames.map(() => store.allocateFrame()));
			const addresses = new Set(again.map(({ bytes }) => bytes.byteOffset));
			assert.equal(addresses.size, 10);
		},
		{ frames: 10 },
	);
}

function copyRows(suite: Suite): void {
	const test = packedTest(suite);

	test("a caller's own bytes are written and read, wherever they lie", async ({
		store,
	}) => {
		const around = new Uint8Array(FRAME_SIZE + 100);
		around.set(frameOf(3), 37);
		await store.write(guidOf(1), around.subarray(37, 37 + FRAME_SIZE));
		around.fill(0);
		await store.read(guidOf(1), around.subarray(3, 3 + FRAME_SIZE));
		assert.equal(frameValue(around.subarray(3, 3 + FRAME_SIZE)), 3);
		assert.deepEqual([around[2], around[3 + FRAME_SIZE]], [0, 0]);
	});

	test("a batch may hold more frames of a caller's than the pool has, and one of the pool's among them", async (session) => {
		const { store } = session;
		const frame = await store.allocateFrame();
		frame.bytes.set(frameOf(9));
		const own = [1, 2, 3, 4].map(
			(value) => [guidOf(value), frameOf(value)] as const,
		);
		await store.writeMany([
			...own.slice(0, 2),
			[guidOf(9), frame],
			...own.slice(2),
		]);
		frame.release();
		const contents = await session.contents();
		assert.deepEqual(
			contents,
			[1, 2, 3, 4, 9].map((value) => [value, value]),
		);
	});

	test("frames of a batch that lie side by side are written at once", async ({
		store,
		host,
	}) => {
		const frame = await store.allocateFrame();
		const own = frameOf(1);
		const writes: string[] = [];
		host.hooks.write = (path, { offset, parts }, call) => {
			if (path === FRAMES_PATH) {
				writes.push(`${parts.length} at ${offset / FRAME_SIZE}`);
			}
			return call();
		};
		const guids = [1, 2, 3, 4, 5].map(guidOf);
		await store.writeMany(guids.map((guid) => [guid, frame] as const));
		await store.writeMany(guids.map((guid) => [guid, own] as const));
		assert.deepEqual(writes, ["5 at 0", "5 at 5"]);
	});

	test(
		"in place, a batch is written in the order of its slots, and the last frame of one slot last",
		async (session) => {
			const { host } = session;
			await session.writeMany([1, 1], [2, 2], [3, 3], [4, 4]);
			const writes: string[] = [];
			host.hooks.write = (path, { offset, parts }, call) => {
				const values = parts.map((part) => part[1]).join("+");
				if (path === FRAMES_PATH) {
					writes.push(`${values} at ${offset / FRAME_SIZE}`);
				}
				return call();
			};
			await session.writeMany([3, 5], [1, 6], [1, 7], [2, 8], [9, 9]);
			// A ring completes writes in no order: the last write of each slot counts.
			const first = session.store.capabilities.ring ? [] : ["6 at 0"];
			assert.deepEqual(writes, [...first, "7+8+5 at 0", "9 at 4"]);
		},
		{ rewrite: "in-place", frames: 5 },
	);
}

function closingRows(suite: Suite): void {
	const test = packedTest(suite);

	test("a closed store refuses every call, and frames that are out keep their bytes", async ({
		store,
	}) => {
		const frame = await store.allocateFrame();
		frame.bytes.fill(5);
		const waiting = [store.allocateFrame(), store.allocateFrame()].map(
			(lease) => lease.then(({ bytes }) => bytes.byteOffset),
		);
		await waiting[0];
		const refused = assertFails("ERR_CLOSED", () => waiting[1]);
		await store.close();
		await refused;
		const guid = guidOf(1);
		for (const call of [
			() => store.allocateFrame(),
			() => store.write(guid, frame),
			() => store.writeMany([]),
			() => store.read(guid, frame),
			() => store.readMany([], []),
			() => store.readRange(guid, 0, new Uint8Array(1)),
			() => store.delete(guid),
			() => store.has(guid),
			() => store.list(),
			() => store.flush(),
		]) {
			await assertFails("ERR_CLOSED", call);
		}
		assertSame(frame.bytes, filled(FRAME_SIZE, 5));
		frame.release();
	});

	test("a view of a released frame has no bytes once the store is closed, and none of the next store's", async ({
		store,
		host,
	}) => {
		const [kept, released] = await leaseAll(store);
		const views = [kept?.bytes, released?.bytes];
		kept?.release();
		released?.release();
		await store.close();
		assert.deepEqual(
			views.map((view) => view?.length),
			[0, 0],
		);
		await withPacked(host, {}, async (next) => {
			for (const view of views) {
				Reflect.set(Object(view), 0, 9);
			}
			for (const frame of await leaseAll(next)) {
				assertSame(frame.bytes, filled(FRAME_SIZE, 0));
				frame.release();
			}
		});
		for (const frame of [kept, released]) {
			await assertRefuses(TypeError, () => frame?.bytes, "released");
		}
	});

	test("what was called before a close is done, though frames are short", async (session) => {
		const { store } = session;
		await session.writeMany([1, 1], [2, 2]);
		const targets = Array.from(
			{ length: 12 },
			() => new Uint8Array(FRAME_SIZE),
		);
		const guids = targets.map((_, at) => guidOf(1 + (at % 2)));
		const reading = store.readMany(guids, targets);
		const writing = [3, 4, 5, 6].map((value) => session.write(value, value));
		await store.close();
		await Promise.all([reading, ...writing]);
		const values = targets.map(frameValue).join("");
		assert.equal(values, "121212121212");
		await session.assertDurable(
			...[1, 2, 3, 4, 5, 6].map((value) => [value, value] as const),
		);
	});

	test("a close does not wait for frames that a caller keeps", async (session) => {
		const { store } = session;
		await leaseAll(store);
		const writing = assertFails("ERR_CLOSED", () => session.write(1, 1));
		await settleTurns();
		await store.close();
		await writing;
	});
}

async function leaseAll(store: PackedStore): Promise<Frame[]> {
	const frames: Frame[] = [];
	for (let count = 0; count < POOL; count += 1) {
		frames.push(await store.allocateFrame());
	}
	return frames;
}
