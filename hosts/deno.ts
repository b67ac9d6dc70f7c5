import { closeSync, constants, lstatSync } from "node:fs";
import { StorageError } from "../src/errors.ts";
import type {
	Host,
	HostCapabilities,
	HostLock,
	LockState,
} from "../src/host/host.ts";
import type { PackedStoreOptions } from "../src/packed/options.ts";
import { PackedStore } from "../src/packed/packed-store.ts";
import type { StorageOptions } from "../src/storage/options.ts";
import { Storage } from "../src/storage/storage.ts";
import { endingAtOnce, endingAtOnceIfFailed } from "../src/turns/endings.ts";
import { linkError } from "./posix/partition-links.ts";
import {
	type PlatformCalls,
	platformCalls,
	refuseUnlockable,
	withoutLibc,
} from "./posix/platform.ts";
import {
	PosixDirectory,
	type PosixOptions,
	type PosixStoreOptions,
} from "./posix/posix-host.ts";
import { openMaking } from "./posix/rights.ts";

export type { LinkMode } from "./posix/partition-links.ts";
export type { SyncMode } from "./posix/syncs.ts";

/** This host's part of `Deno`, whose own types clash with those of the DOM. */
interface DenoRuntime {
	readonly version: { readonly deno: string };
	readonly FsFile: { readonly prototype: Partial<LockableFile> };
	readonly permissions: {
		querySync(asked: { name: string }): { readonly state: string };
	};
	openSync(path: string, options: DenoOpenOptions): LockableFile;
}

interface DenoOpenOptions {
	readonly read: true;
	readonly write?: boolean;
}

interface LockableFile {
	/** flock(2) without waiting; returns whether this file has the lock. */
	tryLockSync(exclusive: boolean): boolean;
	statSync(): { readonly dev: number; readonly ino: number | null };
	unlockSync(): void;
	close(): void;
}

declare const Deno: DenoRuntime | undefined;

/** What --allow-all allows. */
const RIGHTS = ["env", "ffi", "net", "read", "run", "sys", "write"];

export interface DenoStorageOptions extends StorageOptions, PosixStoreOptions {}

/**
 * Opens the store in a directory, a path or a file: URL, which is made when it is missing. Takes
 * the rights to read and to write it. Until it holds a file, it also takes the right to read the
 * directory above, where its name is made durable.
 *
 * @throws {TypeError} for an invalid path, a URL that is no file: URL, or invalid options.
 * @throws {RangeError} for options out of range.
 * @throws {StorageError} ERR_LOCKED while another owner has it, ERR_CONFIG when dualslot.json
 * cannot be trusted, ERR_VERSION when its files are of a later version, ERR_IMPORT_INCOMPLETE where
 * an import has to be begun anew; ERR_UNSUPPORTED under a Deno before 2.8; ERR_MEMORY,
 * ERR_NO_SPACE, ERR_IO.
 */
export async function openStorage(
	directory: string | URL,
	options: DenoStorageOptions = {},
): Promise<Storage> {
	return Storage.open(denoHost(directory, options), options);
}

export interface DenoPackedStoreOptions
	extends PackedStoreOptions,
		PosixOptions {}

/**
 * Opens the packed store in a directory, which is made when it is missing. Deno cannot allocate
 * space on the disk: blobs.dat grows by its length alone, so a write can find the disk full where
 * Node would have failed before. A batch of frames is a call for each, where Node's is a call for
 * each run: Deno's own call for many copies frames to memory that direct I/O cannot use.
 *
 * @throws {TypeError} for an invalid name or options.
 * @throws {RangeError} for options out of range.
 * @throws {StorageError} ERR_LOCKED while another owner has it, ERR_DIRECT_IO where it is required
 * and the file system has none, ERR_MANIFEST_CORRUPT and ERR_BLOB_INSUFFICIENT_LENGTH for a
 * manifest that is damaged, ERR_VERSION for files of a later version; ERR_UNSUPPORTED under a Deno
 * before 2.8; ERR_MEMORY, ERR_NO_SPACE, ERR_IO.
 */
export async function openPackedStore(
	directory: string | URL,
	options: DenoPackedStoreOptions = {},
): Promise<PackedStore> {
	return PackedStore.open(denoHost(directory, options), options);
}

/**
 * A directory of the local file system. Touches no disk until it is used.
 *
 * @throws {TypeError} for invalid options.
 * @throws {RangeError} for options out of range.
 * @throws {StorageError} ERR_UNSUPPORTED under an older Deno.
 */
export function denoHost(
	directory: string | URL,
	options: PosixStoreOptions = {},
): Host {
	return new DenoHost(recentDeno(), directory, options);
}

class DenoHost extends PosixDirectory implements Host {
	readonly #deno: DenoRuntime;
	readonly #system: PlatformCalls;

	constructor(
		deno: DenoRuntime,
		directory: string | URL,
		options: PosixStoreOptions,
	) {
		const system = withoutLibc(platformCalls());
		const { direct } = system;
		super(directory, options, { direct, copiesParts: true });
		this.#deno = deno;
		this.#system = system;
	}

	get capabilities(): HostCapabilities {
		return {
			name: "deno",
			directIO: this.#system.direct !== "none",
			ring: false,
			lockExcludes: "machine",
			syncSurvives: "power-loss",
			removeOpenFile: true,
			// As for `lockState`, Deno has no lesser right than all for the question.
			zerosAfter: hasAllRights(this.#deno) ? this.zerosAfter : 0,
		};
	}

	/**
	 * The kernel's lock on the directory itself or a file, as in Node's host: it ends with its
	 * holder.
	 */
	async lock(path = ""): Promise<HostLock | undefined> {
		refuseUnlockable(this.#system);
		return this.held.locking(() => this.#lock(path));
	}

	/**
	 * As Node's host, where Deno gives all rights: it has no lesser one for what tells of locks, and
	 * would ask whoever sits before it.
	 */
	override lockState(): LockState {
		return hasAllRights(this.#deno) ? super.lockState() : "unknown";
	}

	#lock(path: string): HostLock | undefined {
		const file = path === "" ? this.#directory() : this.#lockFile(path);
		const isHeld = endingAtOnceIfFailed(
			() => file.tryLockSync(true),
			() => file.close(),
		);
		if (isHeld) {
			return { release: () => unlock(file) };
		}
		file.close();
		return undefined;
	}

	#directory(): LockableFile {
		return this.#deno.openSync(this.at(""), { read: true });
	}

	/**
	 * Deno's own open follows links. It makes no file, and afterwards the file that it opened is
	 * checked.
	 */
	#lockFile(path: string): LockableFile {
		const absolute = this.at(path);
		closeSync(makeFile(absolute, this.rights.ofFile));
		const file = this.#deno.openSync(absolute, { read: true, write: true });
		endingAtOnceIfFailed(
			() => refuseUnlessAt(absolute, file),
			() => file.close(),
		);
		return file;
	}
}

/** Throws ELOOP where a link has the name. */
function makeFile(path: string, mode: number): number {
	return openMaking(
		path,
		constants.O_RDWR | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0),
		mode,
	);
}

/** Throws ELOOP where the name is a link by now, or was one meanwhile. */
function refuseUnlessAt(path: string, file: LockableFile): void {
	const named = lstatSync(path);
	const opened = file.statSync();
	if (named.dev !== opened.dev || named.ino !== opened.ino) {
		throw linkError(path);
	}
}

/**
 * Unlocks before it closes: a child that another thread is starting may hold a copy of the
 * descriptor.
 */
function unlock(file: LockableFile): void {
	endingAtOnce(
		() => file.unlockSync(),
		() => file.close(),
	);
}

function hasAllRights({ permissions }: DenoRuntime): boolean {
	return RIGHTS.every((name) => {
		return permissions.querySync({ name }).state === "granted";
	});
}

function recentDeno(): DenoRuntime {
	if (typeof Deno !== "undefined" && isRecent(Deno)) {
		return Deno;
	}
	throw new StorageError(
		"ERR_UNSUPPORTED",
		"dualslot/deno needs Deno 2.8 or later: others cannot try a lock without waiting for it, or cannot list every name",
	);
}

/** tryLock came with 2.7, and with 2.8 the names of a directory as bytes. */
function isRecent({ FsFile, version }: DenoRuntime): boolean {
	const [major = 0, minor = 0] = version.deno.split(".").map(Number);
	const isListing = major > 2 || (major === 2 && minor >= 8);
	return isListing && FsFile.prototype.tryLockSync !== undefined;
}
