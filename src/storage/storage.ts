// Our types name these: this brings them to projects that are compiled without.
/// <reference lib="esnext.disposable" preserve="true" />

import { behind, checkOptions, checkText, kindOf } from "../checks.ts";
import type { Host } from "../host/host.ts";
import { checkObserver, type ObserverOptions } from "../host/observer.ts";
import type { StoreStats } from "../host/stats.ts";
import { checkVersions, type VersionRange } from "./blob-header.ts";
import { StoreContext } from "./context.ts";
import {
	type BlobName,
	blobFileName,
	blobNameOf,
	checkPartitionName,
} from "./names.ts";
import { openParts } from "./open.ts";
import type { StorageOptions } from "./options.ts";
import {
	type CutCopy,
	isCutOf,
	keepsCut,
	type RemoveOptions,
} from "./own-files/cut.ts";
import type { StorageRecovery } from "./recovery.ts";
import type { StorageBlob } from "./storage-blob.ts";
import { statsOf } from "./store-stats.ts";

const CONTEXT = Symbol.for("dualslot.context");

export interface BlobOptions extends ObserverOptions {
	/**
	 * The lowest and the highest application version understood. A new blob gets the highest. [0, 0]
	 * by default.
	 */
	readonly versions?: VersionRange;
}

/**
 * A directory of partitions of named blobs: commonware's `Storage`, over any host. Opening,
 * removing and scanning run one at a time, and are durable when they resolve.
 */
export class Storage implements AsyncDisposable {
	/**
	 * The host that the store was opened over. `stats` does not count calls that others make to it.
	 */
	readonly host: Host;
	/** Whether the store was opened with `readOnly`. */
	readonly readOnly: boolean;
	readonly #context: StoreContext;

	private constructor(host: Host, context: StoreContext) {
		this.host = host;
		this.readOnly = context.readOnly;
		this.#context = context;
		Object.defineProperty(this, CONTEXT, { value: context });
	}

	/**
	 * Opens, and makes where it is missing, the store that a host holds.
	 *
	 * @throws {TypeError} for options of a wrong type.
	 * @throws {RangeError} for values out of range.
	 * @throws {StorageError} ERR_LOCKED while another owner has it, ERR_CONFIG when dualslot.json
	 * cannot be trusted, ERR_VERSION when its files are of a later version, ERR_IMPORT_INCOMPLETE
	 * where an import has to be begun anew, ERR_UNSUPPORTED where the platform lacks a needed part;
	 * ERR_MEMORY, ERR_NO_SPACE, ERR_IO.
	 */
	static async open(
		host: Host,
		options: StorageOptions = {},
	): Promise<Storage> {
		return new Storage(host, new StoreContext(await openParts(host, options)));
	}

	/** The findings of the open and since then: a copy, which never changes. */
	get recovery(): StorageRecovery {
		const { foundCrash, owner, left } = this.#context;
		return { foundCrash, owner, ...left.report };
	}

	/**
	 * Opens a blob, and makes it where it is missing: durable when this resolves. A file shorter than
	 * a header is a torn creation, and is made anew. Handles of one blob share it.
	 *
	 * @throws {TypeError} for a name of a wrong type.
	 * @throws {RangeError} for an invalid name or versions.
	 * @throws {StorageError} ERR_PARTITION_NAME_INVALID; ERR_BLOB_CORRUPT for a foreign file,
	 * ERR_BLOB_VERSION_MISMATCH, ERR_IN_USE while a paged blob or a journal has the blob, and in a
	 * store that is open for reading ERR_BLOB_MISSING; ERR_PARTITION_CREATION_FAILED,
	 * ERR_BLOB_OPEN_FAILED, ERR_READ_FAILED, ERR_NO_SPACE, ERR_BLOB_SYNC_FAILED when the host fails;
	 * ERR_CLOSED.
	 */
	async open(
		partition: string,
		name: BlobName,
		options: BlobOptions = {},
	): Promise<StorageBlob> {
		checkPartitionName(partition);
		checkOptions(options);
		const hexName = blobFileName(name);
		const versions = checkVersions(options.versions ?? [0, 0]);
		const context = this.#context;
		const place = { partition, blob: hexName };
		checkObserver(options);
		const owner = context.owners.owner(
			"a blob's handle",
			[place],
			"shared",
			context.observer.with(options),
		);
		const open = async () => {
			const blob = await context.openBlob(partition, hexName, versions, owner);
			context.register(blob);
			return blob;
		};
		return context.owners.opening(owner, () =>
			context.idleFiles.opening(() => context.exclusively(open)),
		);
	}

	/**
	 * Removes a blob, or a whole partition, durably; and the copies of its cut bytes, unless
	 * `keepCut` is set. Open handles and paged blobs go on reading what they could read before.
	 *
	 * @throws {StorageError} ERR_IN_USE where a journal has the partition, ERR_BLOB_MISSING,
	 * ERR_PARTITION_MISSING, ERR_PARTITION_NAME_INVALID; ERR_IO, ERR_BLOB_SYNC_FAILED when the host
	 * fails; ERR_READ_ONLY, ERR_CLOSED.
	 */
	async remove(
		partition: string,
		name?: BlobName,
		options: RemoveOptions = {},
	): Promise<void> {
		checkPartitionName(partition);
		const hexName = name === undefined ? undefined : blobFileName(name);
		const keepCut = keepsCut(options);
		const blob = hexName === undefined ? {} : { blob: hexName };
		const context = this.#context;
		await context.owners.removing({ partition, ...blob }, async () => {
			context.refuseIfReadOnly();
			if (!keepCut) {
				await context.cutCopies.remove(isCutOf(partition, hexName));
			}
			await context.remove(partition, hexName);
		});
	}

	/**
	 * The copies of bytes that recovery cut off blobs and could not explain, in ascending order of
	 * their names.
	 *
	 * @throws {StorageError} ERR_IO when the host fails; ERR_CLOSED.
	 */
	async cuts(): Promise<CutCopy[]> {
		return this.#context.cutCopies.list();
	}

	/**
	 * Removes a copy durably, by its name in `cuts`. Returns false when there was none.
	 *
	 * @throws {StorageError} ERR_IO when the host fails; ERR_READ_ONLY, ERR_CLOSED.
	 */
	async removeCut(name: string): Promise<boolean> {
		checkText("a copy's name", name);
		this.#context.refuseIfReadOnly();
		return this.#context.cutCopies.remove((copy) => copy.name === name);
	}

	/**
	 * The names of a partition's blobs, in ascending order of their bytes.
	 *
	 * @throws {StorageError} ERR_PARTITION_NAME_INVALID; ERR_PARTITION_MISSING, ERR_PARTITION_CORRUPT
	 * for what is no blob; ERR_IO, ERR_CLOSED.
	 */
	async scan(partition: string): Promise<Uint8Array[]> {
		checkPartitionName(partition);
		const names = await this.#context.scan(partition);
		return names.map(blobNameOf);
	}

	/**
	 * Counts and durations of the store's file calls since it was opened, by partition too, and its
	 * journals: a copy, which never changes. Calls to dualslot's own files are included. Handles of
	 * one blob share one open file. `formatStats` of dualslot/metrics writes it for Prometheus.
	 */
	stats(): StoreStats {
		return statsOf(this.#context, this.host);
	}

	/**
	 * Syncs and closes every handle, removes the marker and releases the lock. All is released even
	 * where a sync failed. The marker stays then, and where the disk has no room to remove it, for
	 * recovery to find.
	 *
	 * @throws {StorageError} the first failure: ERR_BLOB_SYNC_FAILED, ERR_POISONED, ERR_NO_SPACE,
	 * ERR_IO.
	 */
	close(): Promise<void> {
		return this.#context.close();
	}

	/**
	 * Releases everything as a crash of this process would: nothing is synced, the marker stays, the
	 * lock is free.
	 *
	 * @throws {StorageError} ERR_IO when the host fails to close a file or to release the lock.
	 */
	drop(): Promise<void> {
		return this.#context.drop();
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.close();
	}
}

/** Whether a value came from a host's `openStorage`. */
export function isStorage(value: unknown): value is Storage {
	return behind(value, CONTEXT) !== undefined;
}

/** For a value not from a host's `openStorage`. */
export function notOpened(value: unknown): TypeError {
	return new TypeError(
		`storage is what openStorage gave, not ${kindOf(value)}`,
	);
}

/** The store behind a façade. Throws TypeError for a value not from a host's `openStorage`. */
export function contextOf(storage: Storage): StoreContext {
	const context = behind<StoreContext>(storage, CONTEXT);
	if (context === undefined) {
		throw notOpened(storage);
	}
	return context;
}
