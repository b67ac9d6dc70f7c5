import { assert } from "chai";
import {
	assertFails,
	assertRefuses,
	callUntyped,
	failureOf,
} from "../../support/runs/failure.ts";
import type { Suite } from "../../support/runs/suite.ts";
import { FRAME_SIZE, guidOf } from "../../support/stores/packed-files.ts";
import {
	frameOf,
	frameValue,
	packedTest,
	SMALL,
} from "../../support/stores/packed-store.ts";

/** Node warns at fewer listeners of one signal. */
const MANY = 12;

/** Reads with an outcome each; and waits for frames that end. */
export function manyOutcomeRows(suite: Suite): void {
	const test = packedTest(suite);

	test("with { settle: true } each GUID has its frame or its error, in their order", async ({
		store,
	}) => {
		await store.write(guidOf(1), frameOf(1));
		await store.write(guidOf(3), frameOf(3));
		const guids = [guidOf(1), guidOf(2), guidOf(3), guidOf(4)];
		const frames = guids.map(() => new Uint8Array(FRAME_SIZE));
		const outcomes = await store.readMany(guids, frames, { settle: true });
		const statuses = outcomes.map(({ status }) => status);
		const [good, bad] = ["fulfilled", "rejected"];
		assert.deepEqual(statuses, [good, bad, good, bad]);
		assert.equal(frameValue(frames[0] ?? frameOf(0)), 1);
		assert.equal(frameValue(frames[2] ?? frameOf(0)), 3);
		for (const [index, outcome] of outcomes.entries()) {
			if (outcome.status === "rejected") {
				await assertFails("ERR_FRAME_MISSING", () =>
					Promise.reject(outcome.reason),
				);
				const guid = `${index + 1}`.padStart(2, "0");
				assert.include(outcome.reason.place.guid, guid);
			}
		}
		assert.deepEqual(await store.readMany([], [], { settle: true }), []);
		await assertRefuses(TypeError, () =>
			callUntyped(store, "readMany", guids, frames, { settle: 1 }),
		);
	});

	test(
		"a frame is waited for as long as is allowed, and is ERR_MEMORY then",
		async ({ store }) => {
			const held = await store.allocateFrame({ wait: 0 });
			const other = await store.allocateFrame({ wait: 0 });
			const error = await assertFails("ERR_MEMORY", () =>
				store.allocateFrame({ wait: 0 }),
			);
			assert.include(error.message, "all 2 frames are leased");
			await assertFails("ERR_MEMORY", () => store.allocateFrame({ wait: 1 }));
			const waiting = store.allocateFrame({ wait: 2 ** 40 });
			held.release();
			const frame = await waiting;
			frame.release();
			other.release();
			for (const wait of [-1, 0.5, Number.NaN]) {
				await assertRefuses(
					RangeError,
					() => store.allocateFrame({ wait }),
					"wait",
				);
			}
		},
		SMALL,
	);

	test(
		"one signal ends many waits, has one listener meanwhile, and none afterwards",
		async ({ store }) => {
			const { signal, ...controller } = countingController();
			const frames = [await store.allocateFrame(), await store.allocateFrame()];
			const waits = Array.from({ length: MANY }, () =>
				failureOf(() => store.allocateFrame({ signal })),
			);
			await undefined;
			assert.equal(controller.listeners(), 1);
			const reason = new Error("no more");
			controller.abort(reason);
			for (const failure of await Promise.all(waits)) {
				assert.equal(failure, reason);
			}
			assert.equal(controller.listeners(), 0);
			for (const frame of frames) {
				frame.release();
			}
			await store.allocateFrame({ wait: 0 });
		},
		SMALL,
	);
}

/** A signal, and its number of listeners. */
function countingController() {
	const controller = new AbortController();
	const { signal } = controller;
	let count = 0;
	const add = signal.addEventListener.bind(signal);
	const remove = signal.removeEventListener.bind(signal);
	signal.addEventListener = (...given: Parameters<typeof add>) => {
		count += 1;
		add(...given);
	};
	signal.removeEventListener = (...given: Parameters<typeof remove>) => {
		count -= 1;
		remove(...given);
	};
	return {
		signal,
		abort: (reason: unknown) => controller.abort(reason),
		listeners: () => count,
	};
}
