import { closeSync, fsync, fsyncSync } from "node:fs";
import { promisify } from "node:util";
import { isPromise } from "../../src/checks.ts";
import type { Awaitable } from "../../src/turns/awaitable.ts";
import { endingAtOnceIfFailed, endingWith } from "../../src/turns/endings.ts";
import { openDirectory } from "./plain-files.ts";
import { type PosixCalls, syncBlocking, syncInPool } from "./posix-file.ts";

/**
 * 'async' syncs in a thread pool and leaves the event loop free; 'blocking' holds the loop, and
 * saves the way to a thread.
 */
export type SyncMode = "async" | "blocking";

export interface Syncs {
	/** As in PosixCalls. */
	readonly file: PosixCalls["sync"];
	/** For an open directory: syncs its names. */
	readonly directory: (fd: number) => Awaitable<void>;
}

export type SyncsByMode = Readonly<Record<SyncMode, Syncs>>;

/** The syncs of node:fs. */
export const PLAIN_SYNCS: SyncsByMode = {
	async: { file: syncInPool, directory: promisify(fsync) },
	blocking: { file: syncBlocking, directory: fsyncSync },
};

/** Makes the names in a directory durable. */
export function syncDirectory(
	path: string,
	{ directory }: Syncs,
): Awaitable<void> {
	const fd = openDirectory(path);
	const close = () => closeSync(fd);
	const synced = endingAtOnceIfFailed(() => directory(fd), close);
	return isPromise(synced) ? endingWith(() => synced, close) : close();
}
