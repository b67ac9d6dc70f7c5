import { StorageError } from "../errors.ts";
import type { HostEntry } from "../host/host.ts";
import { isPartitionName } from "./names.ts";

/** For an entry of a store's directory. */
export function isLinkedPartition({ name = "", kind }: HostEntry): boolean {
	return kind === "other" && isPartitionName(name);
}

/**
 * The error, in hosts and the engine, for opening, listing, exporting, importing or removing a
 * partition that is a link.
 */
export function linkedPartition(partition: string): StorageError {
	return new StorageError(
		"ERR_PARTITION_CORRUPT",
		`partition corrupt: ${partition} is a symbolic link or a special file, and no directory; { links: 'follow' } follows links`,
		{ partition },
	);
}
