import type { Host } from "../host/host.ts";
import {
	type JournalStats,
	pendingIn,
	type StoreStats,
} from "../host/stats.ts";
import type { StoreContext } from "./context.ts";
import type { Handle } from "./store-end.ts";

/** What journals count, by what their store ends them by: of one that has ended nothing is told. */
const JOURNALS = new WeakMap<Handle, () => JournalStats>();

/** Has a journal's figures be told as long as its store has the handle. */
export function countsJournal(handle: Handle, stats: () => JournalStats): void {
	JOURNALS.set(handle, stats);
}

/** Of a store, and of the host that it was opened over. */
export function statsOf(context: StoreContext, host: Host): StoreStats {
	const { host: metered, handles } = context;
	return {
		store: metered.location,
		...metered.stats(),
		latencies: metered.latencies(),
		partitions: metered.labelled(),
		journals: [...handles].flatMap((handle) => JOURNALS.get(handle)?.() ?? []),
		...pendingIn(host),
	};
}
