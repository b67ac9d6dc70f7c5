import { platform } from "node:process";
import type { Host, HostCapabilities, HostLock } from "../src/host.ts";
import type { PackedStoreOptions } from "../src/packed/packed-options.ts";
import { PackedStore } from "../src/packed/packed-store.ts";
import { Storage, type StorageOptions } from "../src/storage.ts";
import { allocateOnDisk } from "./allocate.ts";
import { lockPath } from "./flock.ts";
import { libc, systemError } from "./libc.ts";
import { HAS_DIRECT_IO, PosixDirectory, type PosixOptions } from "./posix.ts";

const CAPABILITIES: HostCapabilities = {
	name: "node",
	directIO: HAS_DIRECT_IO,
	ring: false,
	lockExcludes: "machine",
	syncSurvives: "power-loss",
	removeOpenFile: true,
};

export interface NodeStorageOptions extends StorageOptions, PosixOptions {}

/** Opens the store in a directory, which is made when it is missing. */
export async function openStorage(
	directory: string,
	options: NodeStorageOptions = {},
): Promise<Storage> {
	return Storage.open(nodeHost(directory, options), options);
}

export interface NodePackedStoreOptions
	extends PackedStoreOptions,
		PosixOptions {}

/** Opens the packed store in a directory, which is made when it is missing. */
export async function openPackedStore(
	directory: string,
	options: NodePackedStoreOptions = {},
): Promise<PackedStore> {
	return PackedStore.open(nodeHost(directory, options), options);
}

/** A directory of the local file system. Touches no disk until it is used. */
export function nodeHost(directory: string, options: PosixOptions = {}): Host {
	return new NodeHost(directory, options);
}

class NodeHost extends PosixDirectory implements Host {
	readonly capabilities = CAPABILITIES;

	constructor(directory: string, options: PosixOptions) {
		super(directory, options, {
			allocate: allocateOnDisk,
			...(platform === "darwin" && { noCache: keepOutOfCache }),
		});
	}

	lock(path = ""): Promise<HostLock | undefined> {
		return lockPath(this.at(path), path === "" ? "directory" : "file");
	}
}

async function keepOutOfCache(fd: number): Promise<void> {
	const errno = (await libc()).noCache(fd);
	if (errno !== 0) {
		throw systemError(errno, "fcntl(F_NOCACHE)");
	}
}
