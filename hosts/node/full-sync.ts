import { fsync, fsyncSync } from "node:fs";
import { promisify } from "node:util";
import type { HostCapabilities } from "../../src/host/host.ts";
import type { SyncsByMode } from "../posix/syncs.ts";
import { isMissing, untilMade } from "./fallbacks.ts";
import { type Libc, systemError } from "./libc.ts";

/** <fcntl.h> of macOS. */
const F_FULLFSYNC = 51;

const fsyncInPool = promisify(fsync);

/**
 * fcntl(F_FULLFSYNC) of macOS, which has the disk flush its own cache too. Node's fsync makes the
 * same call, but falls back to less after any failure, EIO too. Here that is so only where the file
 * system has no such call.
 */
export class FullSync {
	readonly #libc: () => Promise<Libc>;
	#isRefused = false;

	constructor(libc: () => Promise<Libc>) {
		this.#libc = libc;
	}

	/** What all syncs so far survive. */
	get survives(): HostCapabilities["syncSurvives"] {
		return this.#isRefused ? "process" : "power-loss";
	}

	/** For files and directories alike. */
	get syncs(): SyncsByMode {
		const inThread = (fd: number) => this.#inThread(fd);
		const here = (fd: number) => this.#here(fd);
		return {
			async: { file: inThread, directory: inThread },
			blocking: { file: here, directory: here },
		};
	}

	async #inThread(fd: number): Promise<void> {
		const calls = await this.#libc();
		const errno = await untilMade(() => calls.fcntlInThread(fd, F_FULLFSYNC));
		await (this.#isFull(errno) ? undefined : fsyncInPool(fd));
	}

	async #here(fd: number): Promise<void> {
		const calls = await this.#libc();
		if (!this.#isFull(calls.fcntlAlone(fd, F_FULLFSYNC))) {
			fsyncSync(fd);
		}
	}

	#isFull(errno: number): boolean {
		this.#isRefused ||= isMissing(errno);
		if (errno !== 0 && !isMissing(errno)) {
			throw systemError(errno, "fcntl(F_FULLFSYNC)");
		}
		return errno === 0;
	}
}
