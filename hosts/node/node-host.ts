import { closeSync } from "node:fs";
import { DIRECT_ALIGNMENT } from "../../assembly/format.ts";
import type {
	Host,
	HostCapabilities,
	HostFile,
	HostLock,
} from "../../src/host/host.ts";
import { countsPending } from "../../src/host/stats.ts";
import type { Awaitable } from "../../src/turns/awaitable.ts";
import { endingIfFailed, endingWith } from "../../src/turns/endings.ts";
import { openDirectory } from "../posix/plain-files.ts";
import { PosixDirectory, type PosixStoreOptions } from "../posix/posix-host.ts";
import { lockPath } from "./flock.ts";
import { HostRing } from "./io-uring/host-ring.ts";
import {
	type System,
	type SystemCalls,
	systemCalls,
	thisSystem,
} from "./system.ts";

/**
 * How bytes are moved. 'calls' makes a system call for each transfer, 'ring' uses an io_uring.
 * 'auto' does so for direct I/O alone, which waits for the disk. Where the kernel gives no ring, as
 * in many containers, both go on by calls: `capabilities.ring` says so.
 */
export type NodeIO = "calls" | "ring" | "auto";

const IO: readonly NodeIO[] = ["calls", "ring", "auto"];

export interface NodeHostOptions extends PosixStoreOptions {
	/** 'calls' by default. */
	readonly io?: NodeIO;
}

/** A directory of the local file system, through Node. */
export class NodeHost extends PosixDirectory implements Host {
	readonly #io: NodeIO;
	readonly #ring: HostRing;
	readonly #libc: System["libc"];
	readonly #survives: SystemCalls["survives"];
	readonly #directIO: boolean;

	constructor(
		directory: string | URL,
		{ io = "calls", ...options }: NodeHostOptions,
		system: System = thisSystem(),
	) {
		const calls = systemCalls(system);
		super(directory, options, calls);
		if (!IO.includes(io)) {
			throw new TypeError(`io is 'calls', 'ring' or 'auto', not ${String(io)}`);
		}
		this.#io = io;
		this.#libc = system.libc;
		this.#survives = calls.survives;
		this.#directIO = calls.direct !== "none";
		this.#ring = new HostRing(options.sync ?? "async", system.ring);
		countsPending(this, () => this.#ring.pending);
	}

	/**
	 * `ring` is known once a file was opened, or the store locked. On macOS a refused sync changes
	 * `syncSurvives`.
	 */
	get capabilities(): HostCapabilities {
		return {
			name: "node",
			directIO: this.#directIO,
			ring: this.#ring.isGiven,
			lockExcludes: "machine",
			syncSurvives: this.#survives(),
			removeOpenFile: true,
			// A ring was not measured.
			zerosAfter: this.#io === "ring" ? 0 : this.zerosAfter,
		};
	}

	/** The store's holder keeps its ring, from one file to the next. */
	async lock(path = ""): Promise<HostLock | undefined> {
		const kind = path === "" ? "directory" : "file";
		const mode = path === "" ? undefined : this.rights.ofFile;
		const lock = await this.held.locking(() =>
			lockPath(this.at(path), kind, mode, this.#libc),
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
