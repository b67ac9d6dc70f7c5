import type { Host } from "../src/host/host.ts";
import type { PackedStoreOptions } from "../src/packed/options.ts";
import { PackedStore } from "../src/packed/packed-store.ts";
import type { StorageOptions } from "../src/storage/options.ts";
import { Storage } from "../src/storage/storage.ts";
import { MemoryHost } from "./memory/memory-host.ts";

/**
 * A store that lives as long as its host: open the same host again to find an earlier store's
 * files.
 *
 * @throws {TypeError} for an invalid name or options.
 * @throws {RangeError} for options out of range.
 * @throws {StorageError} ERR_LOCKED while another owner has it, ERR_CONFIG when dualslot.json
 * cannot be trusted, ERR_VERSION when its files are of a later version, ERR_IMPORT_INCOMPLETE where
 * an import has to be begun anew; ERR_UNSUPPORTED without WebAssembly SIMD; ERR_MEMORY,
 * ERR_NO_SPACE, ERR_IO.
 */
export async function openStorage(
	host: Host = memoryHost(),
	options: StorageOptions = {},
): Promise<Storage> {
	if (typeof host?.open !== "function") {
		throw new TypeError("openStorage of dualslot/memory takes a host first");
	}
	return Storage.open(host, options);
}

/**
 * A packed store that lives as long as its host.
 *
 * @throws {TypeError} for an invalid name or options.
 * @throws {RangeError} for options out of range.
 * @throws {StorageError} ERR_LOCKED while another owner has it, ERR_DIRECT_IO where it is required,
 * since there is none, ERR_MANIFEST_CORRUPT and ERR_BLOB_INSUFFICIENT_LENGTH for a manifest that is
 * damaged, ERR_VERSION for files of a later version; ERR_UNSUPPORTED without WebAssembly SIMD;
 * ERR_MEMORY, ERR_NO_SPACE, ERR_IO.
 */
export async function openPackedStore(
	host: Host = memoryHost(),
	options: PackedStoreOptions = {},
): Promise<PackedStore> {
	if (typeof host?.open !== "function") {
		throw new TypeError(
			"openPackedStore of dualslot/memory takes a host first",
		);
	}
	return PackedStore.open(host, options);
}

/** A directory tree in memory, where every call returns at once. */
export function memoryHost(): Host {
	return new MemoryHost();
}
