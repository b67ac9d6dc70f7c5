import { assert } from "chai";
import { holdNextRead } from "../../support/hosts/held-read.ts";
import { HeldSyncs } from "../../support/hosts/held-syncs.ts";
import { assertSame, filled, pattern } from "../../support/runs/bytes.ts";
import { assertFails, failureOf } from "../../support/runs/failure.ts";
import type { Suite } from "../../support/runs/suite.ts";
import { PagedStore, pagedTest } from "../../support/stores/paged-store.ts";

/** A call that is under way when its blob is ended touches no memory of a later owner. */
export function endingRows(suite: Suite): void {
	const test = pagedTest(suite);

	test("a replay of a blob that was dropped fails, and writes into no other blob's memory", async (store) => {
		const dropped = await store.open(undefined, "dropped");
		await dropped.append(pattern(10));
		const replay = dropped.replay();
		await dropped.drop();
		const other = await store.open(undefined, "other");
		await other.append(filled(150, 0xbb));
		await assertFails("ERR_CLOSED", () => replay.ensure(1));
		assertSame(await other.read(0, 150), filled(150, 0xbb));
		await other.close();
		const reopened = await store.open(undefined, "other");
		assertSame(await reopened.read(0, reopened.size), filled(150, 0xbb));
	});

	test("a read that is under way when its blob is dropped gives its own bytes or fails", async (store) => {
		const paged = await store.open();
		await paged.append(pattern(103));
		await paged.close();
		store.forgetPages();
		const dropped = await store.open();
		await dropped.append(pattern(50, 103));
		const held = holdNextRead(store.host);
		const reading = dropped.read(0, 153).then(
			(found) => found,
			() => undefined,
		);
		await held.begun;
		const dropping = dropped.drop();
		held.release();
		await dropping;
		const other = await store.open(undefined, "other");
		await other.append(filled(200, 0xbb));
		const found = await reading;
		if (found !== undefined) {
			assertSame(found, pattern(153));
		}
	});

	for (const end of ["close", "drop"] as const) {
		test(`a read that is under way at the ${end} of its blob answers its bytes, and the file is closed after it`, async (store) => {
			const before = await store.open();
			await before.append(pattern(103));
			await before.close();
			store.forgetPages();
			const paged = await store.open();
			const held = holdNextRead(store.host);
			const target = filled(103, 0);
			const reading = paged.readInto(0, target);
			await held.begun;
			const events: string[] = [];
			store.host.hooks.close = (_path, call) => {
				events.push("close");
				return call();
			};
			const ending = paged[end]();
			const answered = reading.then(() => events.push("answer"));
			for (let turn = 0; turn < 60; turn += 1) {
				await undefined;
			}
			held.release();
			await answered;
			await ending;
			assertSame(target, pattern(103));
			assert.deepEqual(events, ["answer", "close"]);
			await assertFails("ERR_CLOSED", () => paged.readInto(0, target));
		});
	}

	test("a blob is let go of only when a look at its pages that is under way has ended", async (store) => {
		const paged = await store.open();
		await paged.append(pattern(103));
		await paged.sync();
		const held = holdNextRead(store.host);
		const looking = paged.pages().next();
		await held.begun;
		let isDropped = false;
		const dropping = paged.drop().then(() => {
			isDropped = true;
		});
		for (let turn = 0; turn < 60; turn += 1) {
			await undefined;
		}
		assert.isFalse(isDropped);
		held.release();
		await dropping;
		await looking.catch(() => undefined);
	});

	test("an append while its blob is being closed is refused, or found again", async (store) => {
		const paged = await store.open();
		await paged.append(pattern(50));
		await paged.sync();
		await paged.append(pattern(10, 50));
		const held = HeldSyncs.of(store.host, PagedStore.PATH);
		const closing = paged.close();
		await held.whenBegun(1);
		const late = await failureOf(async () => {
			await paged.append(pattern(10, 60));
			throw new Error("it was taken");
		});
		held.releaseAll();
		await closing;
		const wasTaken = late instanceof Error && late.message === "it was taken";
		const reopened = await store.open();
		assert.equal(reopened.size, wasTaken ? 70 : 60);
	});

	test("a close waits for an append that was under way, and keeps what it took", async (store) => {
		const first = await store.open();
		await first.append(pattern(50));
		await first.close();
		const paged = await store.open();
		const held = HeldSyncs.of(store.host, PagedStore.PATH);
		const appending = paged.append(pattern(500, 50));
		await held.whenBegun(1);
		const closing = paged.close();
		held.releaseAll();
		const failure = await appending.then(
			() => undefined,
			(error: unknown) => error,
		);
		await closing;
		const reopened = await store.open();
		assertSame(await reopened.read(0, reopened.size), pattern(reopened.size));
		if (failure === undefined) {
			assert.equal(reopened.size, 550);
		}
	});
}
