import { DUALSLOT_STORES } from "../fixtures/dualslot-stores.ts";
import { hostTest, type Suite } from "../support/runs/suite.ts";
import { assertDialogue, layDown } from "../support/stores/dualslot-store.ts";

/** Stores that earlier versions of dualslot wrote: every host finds the same in them. */
export function dualslotStoreRows(suite: Suite): void {
	const test = hostTest(suite);
	for (const store of Object.values(DUALSLOT_STORES).flat()) {
		test(`finds what dualslot ${store.commit} found: ${store.name}`, async (host) => {
			await layDown(host, store);
			await assertDialogue(host, store);
		});
	}
}
