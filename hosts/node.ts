import { closeSync } from "node:fs";
import { platform } from "node:process";
import { DIRECT_ALIGNMENT } from "../assembly/format.ts";
import type {
	Host,
	HostCapabilities,
	HostFile,
	HostLock,
} from "../src/host/host.ts";
import type { PackedStoreOptions } from "../src/packed/options.ts";
import { PackedStore } from "../src/packed/packed-store.ts";
import type { StorageOptions } from "../src/storage/options.ts";
import { Storage } from "../src/storage/storage.ts";
import type { Awaitable } from "../src/turns/awaitable.ts";
import { endingIfFailed, endingWith } from "../src/turns/endings.ts";
import { allocateOnDisk } from "./node/allocate.ts";
import { lockPath } from "./node/flock.ts";
import { useHugePages } from "./node/huge-pages.ts";
import { HostRing } from "./node/io-uring/host-ring.ts";
import { libc, systemError } from "./node/libc.ts";
import { openDirectory } from "./posix/plain-files.ts";
import {
	HAS_DIRECT_IO,
	PosixDirectory,
	type PosixOptions,
	type PosixStoreOptions,
} from "./posix/posix-host.ts";

const CAPABILITIES: Omit<HostCapabilities, "ring"> = {
	name: "node",
	directIO: HAS_DIRECT_IO,
	lockExcludes: "machine",
	syncSurvives: "power-loss",
	removeOpenFile: true,
};

/**
 * How bytes are moved: 'calls' makes a system call for each transfer, 'ring' hands them to an
 * io_uring, and 'auto' those of direct I/O alone, which wait for the disk. Where the kernel gives
 * no ring, as in many containers, both go on by calls: `capabilities.ring` says so.
 */
export type NodeIO = "calls" | "ring" | "auto";

const IO: readonly NodeIO[] = ["calls", "ring", "auto"];

export interface NodeHostOptions extends PosixStoreOptions {
	/** 'calls' by default. */
	readonly io?: NodeIO;
}

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

class NodeHost extends PosixDirectory implements Host {
	readonly #io: NodeIO;
	readonly #ring: HostRing;

	constructor(
		directory: string,
		{ io = "calls", ...options }: NodeHostOptions,
	) {
		super(directory, options, {
			allocate: allocateOnDisk,
			...(platform === "darwin" && { noCache: keepOutOfCache }),
			...(platform === "linux" && { prepare: useHugePages }),
		});
		if (!IO.includes(io)) {
			throw new TypeError(`io is 'calls', 'ring' or 'auto', not ${String(io)}`);
		}
		this.#io = io;
		this.#ring = new HostRing(options.sync ?? "async");
	}

	/** Of the ring once a file was opened, or the store locked. */
	get capabilities(): HostCapabilities {
		return { ...CAPABILITIES, ring: this.#ring.isGiven };
	}

	/** Who has the store keeps its ring, from one file to the next. */
	async lock(path = ""): Promise<HostLock | undefined> {
		const kind = path === "" ? "directory" : "file";
		const mode = path === "" ? undefined : this.rights.ofFile;
		const lock = await this.held.locking(() =>
			lockPath(this.at(path), kind, mode),
		);
		return lock === undefined || this.#io !== "ring"
			? lock
			: this.#keepingRing(lock);
	}

	override syncDirectory(path: string): Awaitable<void> {
		return this.#io === "ring"
			? this.#syncDirectoryByRing(path)
			: super.syncDirectory(path);
	}

	protected override fileOf(
		fd: number,
		isDirect: boolean,
	): Awaitable<HostFile> {
		const isOfRing = this.#io === "ring" || (this.#io === "auto" && isDirect);
		return isOfRing
			? this.#fileOfRing(fd, isDirect)
			: super.fileOf(fd, isDirect);
	}

	async #keepingRing(lock: HostLock): Promise<HostLock> {
		const unlock = () => lock.release();
		const letGo = await endingIfFailed(() => this.#ring.keep(), unlock);
		return { release: () => endingWith(letGo, unlock) };
	}

	async #fileOfRing(fd: number, isDirect: boolean): Promise<HostFile> {
		const alignment = isDirect ? DIRECT_ALIGNMENT : 1;
		const file = await this.#ring.file(fd, this.calls, alignment);
		return file ?? super.fileOf(fd, isDirect);
	}

	async #syncDirectoryByRing(path: string): Promise<void> {
		const fd = openDirectory(this.directoryAt(path));
		const isSynced = await endingWith(
			() => this.#ring.syncDirectory(fd),
			() => closeSync(fd),
		);
		await (isSynced ? undefined : super.syncDirectory(path));
	}
}

async function keepOutOfCache(fd: number): Promise<void> {
	const errno = (await libc()).noCache(fd);
	if (errno !== 0) {
		throw systemError(errno, "fcntl(F_NOCACHE)");
	}
}
