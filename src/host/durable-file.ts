import { isBytes } from "../checks.ts";
import { isNoSpace } from "../errors.ts";
import { endingWith } from "../turns/endings.ts";
import { yieldIfDue } from "../turns/event-loop.ts";
import type { Host } from "./host.ts";
import { openThere } from "./open-there.ts";

/**
 * The path of a new file until it is renamed into place. One at a time: whoever makes files holds
 * the store's mutex.
 */
export const TEMPORARY_FILE = "dualslot.tmp";

/**
 * Makes, or replaces whole, the file at `path` in an existing directory. A crash leaves the old
 * file or the new one, never a part of either: the bytes are durable under another name before the
 * rename, and the directories are synced before this resolves.
 */
export async function replaceFile(
	host: Host,
	path: string,
	bytes: Uint8Array | AsyncIterable<Uint8Array>,
): Promise<void> {
	await placeFile(host, path, bytes);
	const directory = directoryOf(path);
	if (directory !== "") {
		await host.syncDirectory(directory);
	}
	await host.syncDirectory("");
}

/** As replaceFile, but syncs no directory: the name is not durable yet. */
export async function placeFile(
	host: Host,
	path: string,
	bytes: Uint8Array | AsyncIterable<Uint8Array>,
): Promise<void> {
	await stageFile(host, TEMPORARY_FILE, bytes);
	await host.rename(TEMPORARY_FILE, path);
}

/** Writes a file under its temporary name: its bytes are durable, its name is not. */
export async function stageFile(
	host: Host,
	path: string,
	bytes: Uint8Array | AsyncIterable<Uint8Array>,
): Promise<void> {
	const file = await openThere(host, path, "replace");
	const write = async () => {
		let end = 0;
		for await (const piece of isBytes(bytes) ? [bytes] : bytes) {
			await file.write([piece], end);
			end += piece.length;
			await yieldIfDue();
		}
		await file.sync();
	};
	await endingWith(write, () => file.close());
}

/**
 * Runs a step that replaces a file. Returns false when the disk has no room for it; nothing is left
 * of the new file then.
 */
export async function hasRoomFor(
	host: Host,
	step: () => Promise<void>,
): Promise<boolean> {
	try {
		await step();
		return true;
	} catch (error) {
		if (!isNoSpace(error)) {
			throw error;
		}
		await host.remove(TEMPORARY_FILE);
		return false;
	}
}

function directoryOf(path: string): string {
	return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}
