import { StorageError } from "../errors.ts";
import type { HostEntry } from "../host/host.ts";
import { isPartitionName } from "./names.ts";

/** Of an entry of a store's directory. */
export function isLinkedPartition({ name = "", kind }: HostEntry): boolean {
	return kind === "other" && isPartitionName(name);
}

/**
 * What whoever opens, lists, exports, imports or removes is told of a partition that is a link, by
 * hosts as by the engine.
 */
export function linkedPartition(partition: string): StorageError {
	return new StorageError(
		"ERR_PARTITION_CORRUPT",
		`partition corrupt: ${partition} is a symbolic link or a special file, and no directory; { links: 'follow' } follows links`,
		{ partition },
	);
}
