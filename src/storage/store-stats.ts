import type { Host } from "../host/host.ts";
import {
	type JournalStats,
	pendingIn,
	type StoreStats,
} from "../host/stats.ts";
import type { StoreContext } from "./context.ts";
import type { Handle } from "./store-end.ts";

/** Journals' statistics by the store's handle: an ended journal has none. */
const JOURNALS = new WeakMap<Handle, () => JournalStats>();

/** Reports a journal's figures as long as its store has the handle. */
export function countsJournal(handle: Handle, stats: () => JournalStats): void {
	JOURNALS.set(handle, stats);
}

/** The statistics of a store and of the host under it. */
export function statsOf(context: StoreContext, host: Host): StoreStats {
	const { host: metered, handles, zeros } = context;
	return {
		store: metered.location,
		...metered.stats(),
		latencies: metered.latencies(),
		partitions: metered.labelled(),
		journals: [...handles].flatMap((handle) => JOURNALS.get(handle)?.() ?? []),
		...(zeros && { reservedBytes: zeros.reserved }),
		...pendingIn(host),
	};
}
