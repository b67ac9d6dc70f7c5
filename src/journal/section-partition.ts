import { StorageError } from "../errors.ts";
import type { Storage } from "../storage.ts";
import { sectionOfBlobName } from "./section.ts";

/**
 * The sections of a partition, ascending; none where it does not exist. Throws ERR_PARTITION_CORRUPT for what is no blob,
 * ERR_INVALID_BLOB_NAME for a blob that is no section.
 */
export async function foundSections(
	storage: Storage,
	partition: string,
): Promise<bigint[]> {
	try {
		const names = await storage.scan(partition);
		return names.map((name) => sectionOfBlobName(partition, name));
	} catch (error) {
		if (isMissingPartition(error)) {
			return [];
		}
		throw error;
	}
}

/** Removes a partition, durably, where it exists. */
export async function removePartition(
	storage: Storage,
	partition: string,
): Promise<void> {
	try {
		await storage.remove(partition);
	} catch (error) {
		if (!isMissingPartition(error)) {
			throw error;
		}
	}
}

/** A partition that does not exist, and not one that could not be read or removed. */
function isMissingPartition(error: unknown): boolean {
	return (
		error instanceof StorageError &&
		error.code === "ERR_PARTITION_MISSING" &&
		error.cause === undefined
	);
}
