import {
	asStorageError,
	failingAs,
	failureName,
	StorageError,
} from "../errors.ts";
import { replaceFile } from "../host/durable-file.ts";
import type { Host } from "../host/host.ts";
import { isBlobFileName } from "./names.ts";
import type { LeftFiles } from "./own-files/left-files.ts";

/**
 * The directories of a store and the names in them. Each change is durable when it resolves;
 * callers make one at a time.
 */
export class Partitions {
	readonly #host: Host;
	readonly #left: LeftFiles;
	/** Partitions whose names are known to be durable. */
	readonly #durable = new Set<string>();
	/** Partitions that were found or made; nobody else removes one while the store is open. */
	readonly #there = new Set<string>();
	/**
	 * Whether the store's own directory may hold the name of a partition that no sync has covered.
	 */
	#hasNewPartition = false;

	constructor(host: Host, left: LeftFiles) {
		this.#host = host;
		this.#left = left;
	}

	/** Whether the names in a partition are known to be durable. */
	isDurable(partition: string): boolean {
		return this.#durable.has(partition);
	}

	/**
	 * Awaited before a found name is trusted: a writer may have died between making the name and
	 * syncing the directory. The store's own directory was synced at the store's open. It is synced
	 * again where a partition was made since, and its first blob was not.
	 */
	async adopt(partition: string): Promise<void> {
		if (!this.#durable.has(partition)) {
			await this.#sync(partition);
			if (this.#hasNewPartition) {
				await this.#sync("");
				this.#hasNewPartition = false;
			}
			this.#durable.add(partition);
		}
	}

	/** Lists the partition once in a session: it may hold many names. */
	async has(partition: string): Promise<boolean> {
		if (!this.#there.has(partition)) {
			const entries = await failingAs(
				"ERR_BLOB_OPEN_FAILED",
				`blob open failed: ${partition}`,
				{ partition },
				() => this.#host.list(partition),
			);
			if (entries !== undefined) {
				this.#there.add(partition);
			}
		}
		return this.#there.has(partition);
	}

	/** Makes a partition's directory where it is missing; durable with the first blob in it. */
	async make(partition: string): Promise<void> {
		const isNew = await failingAs(
			"ERR_PARTITION_CREATION_FAILED",
			`partition creation failed: ${partition}`,
			{ partition },
			() => this.#host.makeDirectory(partition),
		);
		if (isNew) {
			await this.#left.made(partition);
		}
		this.#hasNewPartition ||= isNew;
		this.#there.add(partition);
	}

	/**
	 * Makes a blob's file with its header alone. The header is durable under a name outside the
	 * partition before the blob's own name exists, so no crash leaves a part of it.
	 */
	async create(
		partition: string,
		path: string,
		header: Uint8Array,
	): Promise<void> {
		await this.make(partition);
		this.#durable.delete(partition);
		await this.#changingNames(partition, () =>
			failingAs(
				"ERR_BLOB_OPEN_FAILED",
				`blob open failed: ${path}`,
				{ path, partition },
				() => replaceFile(this.#host, path, header),
			),
		);
		this.#left.created(path);
		this.#hasNewPartition = false;
		this.#durable.add(partition);
	}

	/** Throws ERR_BLOB_MISSING, and ERR_IO where the system failed to remove the blob. */
	async removeBlob(partition: string, hexName: string): Promise<void> {
		const missing = (cause?: unknown) => blobMissing(partition, hexName, cause);
		const path = `${partition}/${hexName}`;
		this.#durable.delete(partition);
		if (!(await this.#remove(path, partition, missing))) {
			await this.#left.notFound(path);
			throw missing();
		}
		await this.#changingNames(partition, () => this.#sync(partition));
		this.#left.removed(path);
	}

	/** Throws ERR_PARTITION_MISSING, and ERR_IO where the system failed to remove it. */
	async removePartition(partition: string): Promise<void> {
		this.#durable.delete(partition);
		this.#there.delete(partition);
		const missing = (cause?: unknown) => partitionMissing(partition, cause);
		if (!(await this.#remove(partition, partition, missing))) {
			await this.#left.listed(partition, []);
			throw missing();
		}
		await this.#changingNames(partition, () => this.#sync(""));
		this.#left.removedPartition(partition);
	}

	/**
	 * The names of a partition's files on disk, in ascending order. Throws ERR_PARTITION_MISSING
	 * where there is none, and ERR_PARTITION_CORRUPT when it holds anything but blobs. A failed
	 * listing is ERR_IO: a caller who took the partition for missing and began anew would lose it
	 * all. Names that are not UTF-8 are no blobs, and skipped as in commonware.
	 */
	async scan(partition: string): Promise<string[]> {
		const entries = await orMissing(
			(cause) => partitionMissing(partition, cause),
			`partition not listed: ${partition}`,
			() => this.#host.list(partition),
		);
		if (entries === undefined) {
			await this.#left.listed(partition, []);
			throw partitionMissing(partition);
		}
		const names: string[] = [];
		for (const { name, kind } of entries) {
			const isForeign = name !== undefined && !isBlobFileName(name);
			if (kind !== "file" || isForeign) {
				throw new StorageError(
					"ERR_PARTITION_CORRUPT",
					`partition corrupt: ${partition} holds ${name ?? "a nameless entry"}, which is no blob`,
					{ partition, ...(name !== undefined && { found: name }) },
				);
			}
			if (name !== undefined) {
				names.push(name);
			}
		}
		names.sort();
		await this.#left.listed(partition, names);
		return names;
	}

	/** When it fails, it is unknown which names exist. */
	async #changingNames<T>(
		partition: string,
		change: () => Promise<T>,
	): Promise<T> {
		try {
			return await change();
		} catch (error) {
			this.#left.unsure(partition);
			throw error;
		}
	}

	/** Returns false when nothing was there. */
	#remove(
		path: string,
		partition: string,
		missing: (cause?: unknown) => StorageError,
	): Promise<boolean> {
		return this.#changingNames(partition, () =>
			orMissing(missing, `not removed: ${path}`, () => this.#host.remove(path)),
		);
	}

	#sync(directory: string): Promise<void> {
		const path = directory === "" ? this.#host.location : directory;
		return failingAs(
			"ERR_BLOB_SYNC_FAILED",
			`blob sync failed: ${path}/directory`,
			{ path },
			() => this.#host.syncDirectory(directory),
		);
	}
}

/** Errors of systems and browsers for a path with a part missing, or that is no directory. */
const NOT_FOUND = new Set([
	"ENOENT",
	"ENOTDIR",
	"NotFoundError",
	"TypeMismatchError",
]);

/** Runs a step. Its failure means missing only where the platform says so; any other is ERR_IO. */
async function orMissing<T>(
	missing: (cause: unknown) => StorageError,
	message: string,
	step: () => T | Promise<T>,
): Promise<T> {
	try {
		return await step();
	} catch (error) {
		const said = missing(error);
		throw NOT_FOUND.has(failureName(error) ?? "")
			? said
			: asStorageError(error, "ERR_IO", message, said.place);
	}
}

export function blobMissing(
	partition: string,
	hexName: string,
	cause?: unknown,
): StorageError {
	return new StorageError(
		"ERR_BLOB_MISSING",
		`blob missing: ${partition}/${hexName}`,
		{ partition, blob: hexName },
		cause,
	);
}

function partitionMissing(partition: string, cause?: unknown): StorageError {
	return new StorageError(
		"ERR_PARTITION_MISSING",
		`partition missing: ${partition}`,
		{ partition },
		cause,
	);
}
