import { assert } from "chai";
import { slotsToAllocate } from "../../../src/packed/frames/preallocation.ts";
import { PackedStore } from "../../../src/packed/packed-store.ts";
import {
	existsRaw,
	mangleRaw,
	readRaw,
	writeRaw,
} from "../../support/hosts/raw-file.ts";
import { assertSame, bytesOf } from "../../support/runs/bytes.ts";
import { assertFails } from "../../support/runs/failure.ts";
import { hostTest, type Suite } from "../../support/runs/suite.ts";
import {
	FRAME_SIZE,
	guidOf,
	LOG_PATH,
	SNAPSHOT_PATH,
	setRecord,
	snapshotBytes,
} from "../../support/stores/packed-files.ts";
import {
	frameOf,
	packedTest,
	SMALL,
	withPacked,
} from "../../support/stores/packed-store.ts";

const PAGE = 4096;

/** The twenty tests of holt 0.7.1, and those of 0.9.2 for the same file. */
export function seedRows(suite: Suite): void {
	suite.test(
		"room is made in chunks of 8 slots, and of 64 from slot 128 on [data_preallocation_rounds_in_adaptive_chunks]",
		() => {
			const chunks = [...[1, 8, 9, 120, 121, 127, 128, 129, 192, 193]].map(
				slotsToAllocate,
			);
			assert.deepEqual(chunks, [8, 8, 16, 120, 128, 128, 128, 192, 192, 256]);
		},
	);
	frameRows(suite);
	slotRows(suite);
	inPlaceRows(suite);
	logRows(suite);
	shadowRows(suite);
}

function frameRows(suite: Suite): void {
	const test = packedTest(suite);

	test("a leased frame comes back from the pool, and keeps its bytes on the way [registered_buffer_allocator_returns_fixed_buffers_when_available]", async ({
		store,
	}) => {
		const addresses = new Set<number>();
		const memories = new Set<ArrayBufferLike>();
		for (let round = 0; round < 6; round += 1) {
			const frame = await store.allocateFrame();
			addresses.add(frame.bytes.byteOffset);
			memories.add(frame.bytes.buffer);
			frame.bytes.set(frameOf(round));
			await store.write(guidOf(1), frame);
			frame.bytes.fill(0xee);
			await store.read(guidOf(1), frame);
			assertSame(frame.bytes, frameOf(round));
			frame.release();
		}
		assert.isAtMost(addresses.size, 2);
		assert.equal(memories.size, 1);
		for (const address of addresses) {
			assert.equal(address % PAGE, 0);
		}
	});

	test("a frame that was written and flushed is read [round_trip_single_blob]", async (session) => {
		await session.write(1, 100);
		await session.store.flush();
		assert.equal(await session.read(1), 100);
	});

	test("a frame that was flushed is there when the store is opened again [survives_reopen_after_flush]", async (session) => {
		await session.write(1, 0xab);
		await session.store.flush();
		await session.assertDurable([1, 0xab]);
	});

	test("of a batch that writes a GUID three times the last frame counts [batch_duplicate_guid_last_write_wins]", async (session) => {
		await session.writeMany([1, 1], [1, 2], [1, 3]);
		await session.store.flush();
		await session.assertDurable([1, 3]);
	});

	test("of a batch the last frame of each GUID counts, beside others [batch_write_preserves_duplicate_guid_order]", async (session) => {
		await session.writeMany([1, 1], [1, 2], [2, 3]);
		assert.deepEqual(await session.contents(), [
			[1, 2],
			[2, 3],
		]);
	});

	test("a store needs a flush after each write and delete, and none after a flush [needs_flush_tracks_data_and_manifest_work]", async (session) => {
		const { store } = session;
		const needs = [store.needsFlush];
		await session.write(1, 1);
		needs.push(store.needsFlush);
		await store.flush();
		needs.push(store.needsFlush);
		await session.delete(1);
		needs.push(store.needsFlush);
		await store.flush();
		needs.push(store.needsFlush);
		assert.deepEqual(needs, [false, true, false, true, false]);
	});

	test("a deleted frame is not found [delete_then_read_returns_not_found]", async (session) => {
		await session.write(1, 1);
		assert.isTrue(await session.delete(1));
		const error = await assertFails("ERR_FRAME_MISSING", () => session.read(1));
		assert.equal(error.place.guid, "01".repeat(16));
		assert.isFalse(await session.delete(1));
	});

	test("ranges of a frame are what the whole of it has there [page_reads_reconstruct_each_blob]", async ({
		store,
	}) => {
		for (const blob of [1, 2, 3]) {
			await store.write(guidOf(blob), frameOf(blob));
		}
		await store.flush();
		for (const blob of [1, 2, 3]) {
			const whole = new Uint8Array(FRAME_SIZE);
			await store.readRange(guidOf(blob), 0, whole);
			assertSame(whole, frameOf(blob));
			const pages = new Uint8Array(FRAME_SIZE);
			for (let at = 0; at < FRAME_SIZE; at += PAGE) {
				const page = pages.subarray(at, at + PAGE);
				await store.readRange(guidOf(blob), at, page);
			}
			assertSame(pages, whole);
			const window = new Uint8Array(3 * PAGE);
			await store.readRange(guidOf(blob), 5 * PAGE, window);
			assertSame(window, whole.subarray(5 * PAGE, 8 * PAGE));
		}
	});
}

function slotRows(suite: Suite): void {
	const test = packedTest(suite);

	test("a deleted frame's slot is used again only after a flush [deleted_slot_is_reused_only_after_manifest_flush]", async (session) => {
		await session.write(1, 1);
		await session.store.flush();
		await session.delete(1);
		await session.write(2, 2);
		await session.store.flush();
		await session.write(3, 3);
		await session.store.flush();
		assert.deepEqual(await session.mappings(), ["02 at 1", "03 at 0"]);
		await session.assertDurable([2, 2], [3, 3]);
	});

	test("free slots are known again when the store is opened [reusable_slots_are_reconstructed_on_reopen]", async (session) => {
		await session.writeMany([1, 1], [2, 2], [3, 3]);
		await session.delete(2);
		await session.store.flush();
		await session.reopen();
		await session.write(4, 4);
		await session.store.flush();
		assert.deepEqual(await session.mappings(), [
			"01 at 0",
			"03 at 2",
			"04 at 1",
		]);
		await session.assertDurable([1, 1], [3, 3], [4, 4]);
	});

	hostTest(suite)(
		"a million free slots are as few ranges, taken from the lowest on [reusable_slots_reconstruct_sparse_manifest_as_ranges]",
		async (host) => {
			const mappings = [
				[1, 0],
				[2, 999_999],
			] as const;
			await writeRaw(
				host,
				SNAPSHOT_PATH,
				snapshotBytes({ mappings, nextSlot: 1_000_000 }),
			);
			await withPacked(host, {}, async (store) => {
				await store.writeMany([
					[guidOf(3), frameOf(3)],
					[guidOf(4), frameOf(4)],
				]);
				await store.flush();
			});
			assert.deepEqual(
				await readRaw(host, LOG_PATH),
				new Uint8Array([...setRecord(3, 1), ...setRecord(4, 2)]),
			);
		},
	);

	test("sixteen frames and their GUIDs are there when the store is opened again [manifest_round_trip_preserves_all_slots]", async (session) => {
		const values = Array.from({ length: 16 }, (_, index) => index + 1);
		const written = values.map((value) => [value, 255 - value] as const);
		await session.writeMany(...written);
		await session.store.flush();
		await session.assertDurable(...written);
	});
}

function inPlaceRows(suite: Suite): void {
	const test = packedTest(suite);
	const inPlace = { rewrite: "in-place" } as const;

	test(
		"in place, a GUID's second frame replaces the first [write_replaces_existing_in_place]",
		async (session) => {
			await session.write(1, 1);
			await session.write(1, 2);
			await session.store.flush();
			assert.equal(session.store.size, 1);
			assert.equal(await session.read(1), 2);
		},
		inPlace,
	);

	test(
		"in place, a GUID keeps its slot, which the log says anew [manifest_reuses_slot_on_rewrite_and_persists]",
		async (session) => {
			await session.write(1, 1);
			await session.store.flush();
			await session.write(1, 2);
			assert.equal(await session.valueIn(0), 2);
			await session.store.flush();
			assert.deepEqual(await session.log(), ["set 01 0", "set 01 0"]);
			await session.assertDurable([1, 2]);
		},
		inPlace,
	);
}

function logRows(suite: Suite): void {
	const test = packedTest(suite);

	test("a log alone, without a snapshot, is a manifest [manifest_delta_log_replays_without_snapshot]", async (session) => {
		await session.write(1, 1);
		await session.store.flush();
		assert.isTrue(await existsRaw(session.host, LOG_PATH));
		assert.isFalse(await existsRaw(session.host, SNAPSHOT_PATH));
		await session.assertDurable([1, 1]);
		assert.equal(session.store.recovery.logRecords, 1);
	});

	test("a torn tail of the log is cut, and what comes later follows what is whole [manifest_delta_log_ignores_torn_tail]", async (session) => {
		await session.write(1, 1);
		await session.store.flush();
		await mangleRaw(session.host, LOG_PATH, 37, bytesOf("MLG"));
		await session.reopen();
		assert.equal(await session.read(1), 1);
		await session.write(2, 2);
		await session.store.flush();
		assert.deepEqual(await session.log(), ["set 01 0", "set 02 1"]);
		await session.assertDurable([1, 1], [2, 2]);
	});

	test("a log that is replayed over a snapshot of its own end changes nothing [manifest_snapshot_plus_old_log_replay_is_idempotent]", async (session) => {
		await session.write(1, 1);
		await session.store.flush();
		await session.delete(1);
		await session.store.flush();
		await session.write(2, 2);
		await session.store.flush();
		assert.deepEqual(await session.log(), [
			"set 01 0",
			"delete 01",
			"set 02 0",
		]);
		const snapshot = snapshotBytes({ mappings: [[2, 0]] });
		await writeRaw(session.host, SNAPSHOT_PATH, snapshot);
		await session.assertDurable([2, 2]);
	});
}

function shadowRows(suite: Suite): void {
	const test = packedTest(suite);

	hostTest(suite)(
		"a store is locked until it is dropped [open_holds_exclusive_dir_lock_until_drop]",
		async (host) => {
			const store = await PackedStore.open(host, SMALL);
			const again = () => PackedStore.open(host, { ...SMALL, wait: 50 });
			await assertFails("ERR_LOCKED", again);
			await store.drop();
			await (await again()).drop();
		},
	);

	test("a rewrite that was not flushed leaves the frame that was [unflushed_shadow_rewrite_recovers_previous_frame]", async (session) => {
		await session.write(1, 1);
		await session.store.flush();
		await session.write(1, 2);
		assert.equal(await session.read(1), 2);
		await session.assertDurable([1, 1]);
	});

	test("a torn frame that no flush has published replaces nothing [corrupt_unpublished_shadow_cannot_replace_durable_frame]", async (session) => {
		await session.write(1, 1);
		await session.store.flush();
		await session.write(1, 2);
		const torn = new Uint8Array(FRAME_SIZE / 2).fill(0xff);
		await mangleRaw(session.host, "blobs.dat", FRAME_SIZE, torn);
		await session.assertDurable([1, 1]);
	});

	test("rewrites that are each flushed take turns in two slots [repeated_shadow_rewrites_reuse_two_slots]", async (session) => {
		for (let round = 0; round < 8; round += 1) {
			await session.write(1, round);
			await session.store.flush();
		}
		const log = await session.log();
		const slots = log.map((line) => line.split(" ")[2]).join("");
		assert.equal(slots, "01010101");
		await session.assertDurable([1, 7]);
	});

	test("a replaced frame's slot is used again only after a flush [replaced_slot_is_reused_only_after_manifest_flush]", async (session) => {
		await session.write(1, 1);
		await session.store.flush();
		await session.write(1, 2);
		await session.write(2, 3);
		assert.deepEqual(
			[
				await session.valueIn(0),
				await session.valueIn(1),
				await session.valueIn(2),
			],
			[1, 2, 3],
		);
		await session.store.flush();
		await session.write(3, 4);
		assert.equal(await session.valueIn(0), 4);
	});

	test("slots that were free last are forgotten at the end alone [reusable_slots_trim_only_contiguous_tail]", async (session) => {
		await session.writeMany([1, 1], [2, 2], [3, 3]);
		await session.store.flush();
		await session.delete(1);
		await session.store.flush();
		session.host.hooks.write = () => {
			throw new Error("no write");
		};
		await assertFails("ERR_WRITE_FAILED", () =>
			session.writeMany([4, 4], [5, 5], [6, 6]),
		);
		session.host.hooks = {};
		await session.writeMany([4, 4], [5, 5]);
		await session.store.flush();
		assert.deepEqual(await session.mappings(), [
			"02 at 1",
			"03 at 2",
			"04 at 0",
			"05 at 3",
		]);
	});
}
