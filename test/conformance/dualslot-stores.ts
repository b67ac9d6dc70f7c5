import { DUALSLOT_STORES } from "../fixtures/dualslot-stores.ts";
import { assertDialogue, layDown } from "../support/dualslot-store.ts";
import { hostTest, type Suite } from "../support/suite.ts";

/** Stores that earlier versions of dualslot wrote: the same is found in them, in every host. */
export function dualslotStoreRows(suite: Suite): void {
	const test = hostTest(suite);
	for (const store of Object.values(DUALSLOT_STORES).flat()) {
		test(`finds what dualslot ${store.commit} found: ${store.name}`, async (host) => {
			await layDown(host, store);
			await assertDialogue(host, store);
		});
	}
}
