import { assert } from "chai";
import { PackedStore } from "../../../src/packed/packed-store.ts";
import { LateHost } from "../../support/hosts/late-host.ts";
import { filled } from "../../support/runs/bytes.ts";
import { assertFails } from "../../support/runs/failure.ts";
import { hostTest, inMemory, type Suite } from "../../support/runs/suite.ts";
import { afterTurns, TURNS } from "../../support/runs/turns.ts";
import { FRAME_SIZE, guidOf } from "../../support/stores/packed-files.ts";
import {
	frameOf,
	frameValue,
	SMALL,
	withPacked,
} from "../../support/stores/packed-store.ts";

/** Calls that overlap a packed store's close. */
export function closingRows(suite: Suite): void {
	const test = hostTest(suite);

	test("of a packed store that is closed while it is used nothing works on, the memory is the next one's, and what was called before is found", async (host) => {
		for (const turns of TURNS) {
			const store = await PackedStore.open(host, SMALL);
			const leasing = store.allocateFrame();
			const used = Promise.allSettled([
				store.write(guidOf(turns), frameOf(1)),
				store.read(guidOf(0), new Uint8Array(FRAME_SIZE)),
				store.flush(),
			]);
			await afterTurns(turns);
			await store.close();
			await withPacked(inMemory().host, {}, async (next) => {
				await next.write(guidOf(1), frameOf(2));
				const written = await next.allocateFrame();
				written.bytes.fill(2);
				(await leasing).bytes.fill(7);
				await used;
				await assertNothingWorks(store);
				assert.deepEqual(written.bytes.slice(), filled(FRAME_SIZE, 2));
				assert.equal(await valueIn(next, 1), 2);
			});
		}
		await withPacked(host, {}, async (store) => {
			assert.equal(store.size, TURNS.length);
			for (const turns of TURNS) {
				assert.equal(await valueIn(store, turns), 1);
			}
		});
	});

	test("an open that comes at any moment of a packed store's close is refused, and nothing is lost that the close promised", async (host) => {
		const late = new LateHost(host);
		for (const [at, turns] of TURNS.entries()) {
			const first = await PackedStore.open(late, SMALL);
			assert.equal(first.size, at);
			const writing = first.write(guidOf(at), frameOf(at));
			const closing = first.close();
			await afterTurns(turns);
			const second = await PackedStore.open(late, SMALL).catch(refusedAsLocked);
			await Promise.all([writing, closing]);
			const next = second ?? (await PackedStore.open(late, SMALL));
			assert.equal(await valueIn(next, at), at);
			await next.drop();
		}
	});
}

async function assertNothingWorks(store: PackedStore): Promise<void> {
	for (const call of [
		() => store.write(guidOf(0), frameOf(3)),
		() => store.read(guidOf(0), new Uint8Array(FRAME_SIZE)),
		() => store.delete(guidOf(0)),
		() => store.flush(),
		() => store.allocateFrame(),
	]) {
		await assertFails("ERR_CLOSED", call);
	}
}

async function valueIn(store: PackedStore, guid: number): Promise<number> {
	const frame = new Uint8Array(FRAME_SIZE);
	await store.read(guidOf(guid), frame);
	return frameValue(frame);
}

function refusedAsLocked(error: unknown): undefined {
	assert.propertyVal(error, "code", "ERR_LOCKED");
}
