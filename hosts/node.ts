import type { Host } from "../src/host/host.ts";
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

export type { NodeHostOptions, NodeIO };

export interface NodeStorageOptions extends StorageOptions, PosixStoreOptions {
	/** 'calls' by default: most pages lie in the system's cache, which answers a call at once. */
	readonly io?: Exclude<NodeIO, "auto">;
}

/** Opens the store in a directory, which is made when it is missing. */
export async function openStorage(
	directory: string,
	options: NodeStorageOptions = {},
): Promise<Storage> {
	return Storage.open(nodeHost(directory, options), options);
}

export interface NodePackedStoreOptions
	extends PackedStoreOptions,
		PosixOptions {
	/** 'auto' by default. */
	readonly io?: NodeIO;
}

/** Opens the packed store in a directory, which is made when it is missing. */
export async function openPackedStore(
	directory: string,
	options: NodePackedStoreOptions = {},
): Promise<PackedStore> {
	const io = options.io ?? "auto";
	return PackedStore.open(nodeHost(directory, { ...options, io }), options);
}

/** A directory of the local file system. Touches no disk until it is used. */
export function nodeHost(
	directory: string,
	options: NodeHostOptions = {},
): Host {
	return new NodeHost(directory, options);
}
