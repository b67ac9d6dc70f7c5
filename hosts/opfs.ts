import type { Host } from "../src/host/host.ts";
import { Observer, type ObserverOptions } from "../src/host/observer.ts";
import type { PackedStoreOptions } from "../src/packed/options.ts";
import { PackedStore } from "../src/packed/packed-store.ts";
import type { StorageOptions } from "../src/storage/options.ts";
import { Storage } from "../src/storage/storage.ts";
import { Connection } from "./opfs/connection.ts";
import { OpfsDirectory } from "./opfs/directory.ts";
import {
	hasAccessHandles,
	requireFileSystem,
	unsupported,
} from "./opfs/platform.ts";
import { checkName } from "./opfs/store-name.ts";
import { WindowHost } from "./opfs/window.ts";

let ownWorker: Worker | undefined;

export interface OpfsOptions extends Pick<ObserverOptions, "onError"> {
	/**
	 * Moves the bytes instead of a worker that the page starts by itself: a dedicated worker that
	 * imports `dualslot/opfs-worker`, or a port that such a worker serves.
	 */
	readonly worker?: Worker | MessagePort;
}

export interface OpfsStorageOptions extends StorageOptions, OpfsOptions {}

/**
 * Opens the store under a name of the origin private file system, and makes it where it is missing.
 * A name is a path: one or more parts, joined by '/', none of them '.' or '..'. Works in a
 * dedicated worker, and in a window, over a worker that only moves bytes.
 *
 * @throws {TypeError} for an invalid name or options.
 * @throws {RangeError} for options out of range.
 * @throws {StorageError} ERR_LOCKED while another owner has it, ERR_CONFIG when dualslot.json
 * cannot be trusted, ERR_VERSION when its files are of a later version, ERR_IMPORT_INCOMPLETE where
 * an import has to be begun anew; ERR_UNSUPPORTED elsewhere, and where the page is no secure
 * context; ERR_MEMORY, ERR_NO_SPACE, ERR_IO.
 */
export async function openStorage(
	name: string,
	options: OpfsStorageOptions = {},
): Promise<Storage> {
	return Storage.open(opfsHost(name, options), options);
}

export interface OpfsPackedStoreOptions
	extends PackedStoreOptions,
		OpfsOptions {}

/**
 * Opens the packed store under a name, as openStorage does. No browser has direct I/O, or allocates
 * space on the disk.
 *
 * @throws {TypeError} for an invalid name or options.
 * @throws {RangeError} for options out of range.
 * @throws {StorageError} ERR_LOCKED while another owner has it, ERR_DIRECT_IO where it is required,
 * since there is none, ERR_MANIFEST_CORRUPT and ERR_BLOB_INSUFFICIENT_LENGTH for a manifest that is
 * damaged, ERR_VERSION for files of a later version; ERR_UNSUPPORTED elsewhere, and where the page
 * is no secure context; ERR_MEMORY, ERR_NO_SPACE, ERR_IO.
 */
export async function openPackedStore(
	name: string,
	options: OpfsPackedStoreOptions = {},
): Promise<PackedStore> {
	return PackedStore.open(opfsHost(name, options), options);
}

/**
 * A directory of the origin private file system. Touches nothing, and starts no worker, until it is
 * used.
 *
 * @throws {TypeError} for an invalid name or worker.
 * @throws {StorageError} ERR_UNSUPPORTED where there is no such file system.
 */
export function opfsHost(name: string, options: OpfsOptions = {}): Host {
	checkName(name);
	const { worker } = options;
	const observer = new Observer(options);
	if (worker !== undefined && typeof worker?.postMessage !== "function") {
		throw new TypeError("worker is a Worker or a MessagePort");
	}
	requireFileSystem();
	if (worker !== undefined) {
		return new WindowHost(name, () => Connection.to(worker), observer);
	}
	if (hasAccessHandles()) {
		return new OpfsDirectory(name, observer);
	}
	if (typeof Worker === "undefined") {
		throw unsupported(
			"files open in dedicated workers alone, and none can be started here; pass { worker }",
		);
	}
	return new WindowHost(name, ownConnection, observer);
}

/**
 * The connection to the page's own worker, which is started for the first store, and again after a
 * failure.
 */
function ownConnection(): Connection {
	if (ownWorker === undefined || Connection.to(ownWorker).hasFailed) {
		// In this form bundlers find the worker's own script.
		ownWorker = new Worker(new URL("./opfs-worker.js", import.meta.url), {
			type: "module",
		});
	}
	return Connection.to(ownWorker);
}
