import type { Host, HostCapabilities, HostLock } from "../src/host.ts";
import { Storage, type StorageOptions } from "../src/storage.ts";
import { lockDirectory } from "./flock.ts";
import { PosixDirectory, type PosixOptions } from "./posix.ts";

const CAPABILITIES: HostCapabilities = {
	name: "node",
	directIO: false,
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

/** A directory of the local file system. Touches no disk until it is used. */
export function nodeHost(directory: string, options: PosixOptions = {}): Host {
	return new NodeHost(directory, options);
}

class NodeHost extends PosixDirectory implements Host {
	readonly capabilities = CAPABILITIES;

	lock(): Promise<HostLock | undefined> {
		return lockDirectory(this.root);
	}
}
