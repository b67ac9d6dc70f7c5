import { checkPartitionName } from "../storage/names.ts";
import type { Owner } from "../storage/owners.ts";
import type { Storage } from "../storage/storage.ts";
import { checkStorage } from "../storage/storage.ts";

/** A journal as the one owner of its partitions, before it is opened. */
export function journalOwner(
	storage: Storage,
	what: string,
	partitions: readonly string[],
): Owner {
	checkStorage(storage);
	partitions.forEach(checkPartitionName);
	const places = partitions.map((partition) => ({ partition }));
	return storage.owners.owner(what, places, "alone");
}
