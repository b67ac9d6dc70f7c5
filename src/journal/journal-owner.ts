import type { StoreContext } from "../storage/context.ts";
import { checkPartitionName } from "../storage/names.ts";
import type { Owner } from "../storage/owners.ts";

/** A journal as the one owner of its partitions, before it is opened. */
export function journalOwner(
	storage: StoreContext,
	what: string,
	partitions: readonly string[],
): Owner {
	partitions.forEach(checkPartitionName);
	const places = partitions.map((partition) => ({ partition }));
	return storage.owners.owner(what, places, "alone");
}
