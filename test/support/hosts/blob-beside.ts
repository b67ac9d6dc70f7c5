import type { BlobName } from "../../../src/storage/names.ts";
import type { Storage } from "../../../src/storage/storage.ts";
import { contextOf } from "../../../src/storage/storage.ts";
import type { StorageBlob } from "../../../src/storage/storage-blob.ts";

/** A handle of a blob beside its one owner, and without the owner's knowledge. */
export function blobBeside(
	storage: Storage,
	partition: string,
	name: BlobName,
): Promise<StorageBlob> {
	const owner = contextOf(storage).owners.within("a test");
	return contextOf(storage).openOwned(owner, partition, name);
}
