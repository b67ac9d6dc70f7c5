import { checkObserver, type ObserverOptions } from "../host/observer.ts";
import type { StoreContext } from "../storage/context.ts";
import { checkPartitionName } from "../storage/names.ts";
import type { Owner } from "../storage/owners.ts";

/** A journal as the one owner of its partitions, before it is opened. */
export function journalOwner(
	storage: StoreContext,
	what: string,
	partitions: readonly string[],
	options: ObserverOptions,
): Owner {
	checkObserver(options);
	partitions.forEach(checkPartitionName);
	const places = partitions.map((partition) => ({ partition }));
	const observer = storage.observer.with(options);
	return storage.owners.owner(what, places, "alone", observer);
}
