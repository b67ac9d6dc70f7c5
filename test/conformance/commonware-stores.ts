import { assert } from "chai";
import type { Host } from "../../src/host/host.ts";
import { COMMONWARE_STORES } from "../fixtures/commonware-stores.ts";
import { readRaw, writeRaw } from "../support/hosts/raw-file.ts";
import { fromHex, toHex } from "../support/runs/bytes.ts";
import { hostTest, MEMORY, type Suite } from "../support/runs/suite.ts";
import {
	type CommonwareStore,
	isWhole,
	shapeOf,
} from "../support/rust/commonware-store.ts";
import { ScriptSession } from "../support/rust/script-session.ts";
import type { ScriptShape } from "../support/rust/script-shape.ts";

/** Stores that commonware's crates wrote: every host finds the same records in them. */
export function commonwareStoreRows(suite: Suite): void {
	const test = hostTest(suite);
	for (const store of COMMONWARE_STORES) {
		const shape = shapeOf(store);
		if (shape === undefined) {
			continue;
		}
		test(`finds what commonware ${store.release} kept: ${store.name}`, async (host) => {
			for (const [path, bytes] of Object.entries(store.files)) {
				await writeRaw(host, path, fromHex(bytes));
			}
			await assertAnswers(host, shape, store);
			if (isWhole(store)) {
				for (const [path, bytes] of Object.entries(store.files)) {
					assert.equal(toHex(await readRaw(host, path)), bytes, path);
				}
			}
			await assertAnswers(host, shape, store);
		});
	}
}

async function assertAnswers(
	host: Host,
	shape: ScriptShape,
	{ question, answer }: CommonwareStore,
): Promise<void> {
	const session = await ScriptSession.open(host, shape, { memory: MEMORY });
	try {
		assert.equal(await session.obey(question), answer);
		await session.obey("close");
	} finally {
		await session.drop();
	}
}
