import { hex } from "../bytes.ts";
import { isStorageError, type StorageErrorCode } from "../errors.ts";
import type { StoreContext } from "../storage/context.ts";
import type { Owner } from "../storage/owners.ts";
import { blobNameOfSection, sectionOfBlobName } from "./section.ts";

/** A partition of a store, and the journal that has it. */
export interface OwnedPartition {
	readonly storage: StoreContext;
	readonly owner: Owner;
	readonly name: string;
}

/**
 * The sections of a partition, ascending; none if it does not exist. Throws ERR_PARTITION_CORRUPT
 * for a file that is no blob, ERR_INVALID_BLOB_NAME for a blob that is no section.
 */
export async function foundSections(
	storage: StoreContext,
	partition: string,
): Promise<bigint[]> {
	try {
		const names = await storage.scan(partition);
		return names.map((name) => sectionOfBlobName(partition, name));
	} catch (error) {
		if (isMissing("ERR_PARTITION_MISSING", error)) {
			return [];
		}
		throw error;
	}
}

/** Whether a crash may have left a hole in a section. */
export function isSectionOwed(
	storage: StoreContext,
	partition: string,
	section: bigint,
): boolean {
	const { marker } = storage;
	if (!marker.foundCrash) {
		return false;
	}
	const name = hex(blobNameOfSection(section));
	return marker.owes(`${partition}/${name}`);
}

/** Removes a section's blob, durably. A removal that failed half-way can be retried. */
export async function removeBlobOfSection(
	storage: StoreContext,
	owner: Owner,
	partition: string,
	section: bigint,
): Promise<void> {
	const name = blobNameOfSection(section);
	try {
		await storage.removeOwned(owner, partition, name);
	} catch (error) {
		if (!isMissing("ERR_BLOB_MISSING", error)) {
			throw error;
		}
		// The earlier removal may not be durable. Making the blob and removing it again makes the
		// removal durable.
		const anew = await storage.openOwned(owner, partition, name);
		await anew.drop();
		await storage.removeOwned(owner, partition, name);
		const event = { kind: "removal-repeated", partition } as const;
		owner.observer.inSection(section).event(event);
	}
}

/** Removes a partition, durably, where it exists. */
export async function removePartition(
	storage: StoreContext,
	owner: Owner,
	partition: string,
): Promise<void> {
	try {
		await storage.removeOwned(owner, partition);
	} catch (error) {
		if (!isMissing("ERR_PARTITION_MISSING", error)) {
			throw error;
		}
	}
}

/** True for a missing file, not for a failed read or removal. */
function isMissing(code: StorageErrorCode, error: unknown): boolean {
	return (
		isStorageError(error) && error.code === code && error.cause === undefined
	);
}
