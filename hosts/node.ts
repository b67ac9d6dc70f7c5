import type { Host } from "../src/host/host.ts";
import { Observer, type ObserverOptions } from "../src/host/observer.ts";
import type { PackedStoreOptions } from "../src/packed/options.ts";
import { PackedStore } from "../src/packed/packed-store.ts";
import type { StorageOptions } from "../src/storage/options.ts";
import { Storage } from "../src/storage/storage.ts";
import {
	NodeHost,
	type NodeHostOptions,
	type NodeIO,
} from "./node/node-host.ts";
import type { PosixOptions, PosixStoreOptions } from "./posix/posix-host.ts";

export type { LinkMode } from "./posix/partition-links.ts";
export type { SyncMode } from "./posix/syncs.ts";

export type { NodeHostOptions, NodeIO };

export interface NodeStorageOptions extends StorageOptions, PosixStoreOptions {
	/** 'calls' by default: most pages lie in the system's cache, which answers at once. */
	readonly io?: Exclude<NodeIO, "auto">;
}

/**
 * Opens the store in a directory, a path or a file: URL, which is made when it is missing.
 *
 * @throws {TypeError} for an invalid path, a URL that is no file: URL, or invalid options.
 * @throws {RangeError} for options out of range.
 * @throws {StorageError} ERR_LOCKED while another owner has it, ERR_CONFIG when dualslot.json
 * cannot be trusted, ERR_VERSION when its files are of a later version, ERR_IMPORT_INCOMPLETE where
 * an import has to be begun anew; ERR_UNSUPPORTED where Windows, or a missing koffi, has no lock;
 * ERR_MEMORY, ERR_NO_SPACE, ERR_IO.
 */
export async function openStorage(
	directory: string | URL,
	options: NodeStorageOptions = {},
): Promise<Storage> {
	const host = nodeHost(directory, options);
	const storage = await Storage.open(host, options);
	tellOfRing(host, options.io === "ring", options);
	return storage;
}

/** Reports a ring that was asked for and refused. */
function tellOfRing(
	{ capabilities, location: path }: Host,
	isWanted: boolean,
	options: ObserverOptions,
): void {
	if (isWanted && !capabilities.ring) {
		new Observer(options).event({ kind: "ring-refused", path });
	}
}

export interface NodePackedStoreOptions
	extends PackedStoreOptions,
		PosixOptions {
	/** 'auto' by default. */
	readonly io?: NodeIO;
}

/**
 * Opens the packed store in a directory, which is made when it is missing.
 *
 * @throws {TypeError} for an invalid name or options.
 * @throws {RangeError} for options out of range.
 * @throws {StorageError} ERR_LOCKED while another owner has it, ERR_DIRECT_IO where it is required
 * and the file system has none, ERR_MANIFEST_CORRUPT and ERR_BLOB_INSUFFICIENT_LENGTH for a
 * manifest that is damaged, ERR_VERSION for files of a later version; ERR_UNSUPPORTED where
 * Windows, or a missing koffi, has no lock; ERR_MEMORY, ERR_NO_SPACE, ERR_IO.
 */
export async function openPackedStore(
	directory: string | URL,
	options: NodePackedStoreOptions = {},
): Promise<PackedStore> {
	const io = options.io ?? "auto";
	const host = nodeHost(directory, { ...options, io });
	const store = await PackedStore.open(host, options);
	const { directIO } = store.capabilities;
	tellOfRing(host, io === "ring" || (io === "auto" && directIO), options);
	return store;
}

/**
 * A directory of the local file system. Touches no disk until it is used.
 *
 * @throws {TypeError} for invalid options.
 * @throws {RangeError} for options out of range.
 */
export function nodeHost(
	directory: string | URL,
	options: NodeHostOptions = {},
): Host {
	return new NodeHost(directory, options);
}
