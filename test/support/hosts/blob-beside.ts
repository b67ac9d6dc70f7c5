import type { StorageBlob } from "../../../src/storage/blob.ts";
import type { BlobName } from "../../../src/storage/names.ts";
import type { Storage } from "../../../src/storage/storage.ts";
import { contextOf } from "../../../src/storage/storage.ts";

/** A handle of a blob beside the one owner that it may have, and behind its back. */
export function blobBeside(
	storage: Storage,
	partition: string,
	name: BlobName,
): Promise<StorageBlob> {
	const owner = contextOf(storage).owners.within("a test");
	return contextOf(storage).openOwned(owner, partition, name);
}
