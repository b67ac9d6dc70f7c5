import { endingIfFailed, endingWith } from "../../src/turns/endings.ts";
import { NAMES_MILLISECONDS, within } from "./deadline.ts";
import { type Release, tryLock } from "./lock.ts";
import {
	type DirectoryHandle,
	type FileHandle,
	isBusy,
	onceFree,
	unlessMissing,
} from "./platform.ts";
import type { SharedFile } from "./shared-file.ts";
import { directoryAt, makeDirectoryAt } from "./tree.ts";

/**
 * At the origin's root, beside every store: the directory of open files that have lost their names.
 */
export const REMOVED_DIRECTORY = ".dualslot-removed";

/** A place for a file without a name of its own. Its lock says that it is in use. */
interface Place {
	readonly directory: DirectoryHandle;
	readonly name: string;
	/** Removes the file there. May be called twice. */
	discard(): Promise<void>;
}

/** Takes the name of a closed file away, and leaves its bytes in the place. */
export type Unname = (place: Place, closed: FileHandle) => Promise<void>;

/** Keeps an open file without a name, until its last handle is closed. */
export async function keepWithoutName(
	file: SharedFile,
	unname: Unname,
): Promise<void> {
	// Another may close the file meanwhile.
	const handle = file.handle(false);
	await endingWith(
		async () => moveTo(await newPlace(), file, unname),
		() => handle.close(),
	);
}

/** Removes the files of tabs and workers that died with removed files open. */
export async function removeLeftovers(): Promise<void> {
	const directory = await unlessMissing(() => directoryAt(REMOVED_DIRECTORY));
	if (directory === undefined) {
		return;
	}
	for await (const { name } of directory.values()) {
		const lock = await tryLock(lockOf(name));
		if (lock !== undefined) {
			await removeLeftover(directory, name, lock.release);
		}
	}
}

async function moveTo(
	place: Place,
	file: SharedFile,
	unname: Unname,
): Promise<void> {
	const move = async (closed: FileHandle) => {
		await unname(place, closed);
		file.whenClosed = place.discard;
		return place.directory.getFileHandle(place.name);
	};
	await endingIfFailed(() => file.relocate(move), place.discard);
}

async function removeLeftover(
	directory: DirectoryHandle,
	name: string,
	release: Release,
): Promise<void> {
	const remove = async () => {
		try {
			await unlessMissing(() => directory.removeEntry(name));
		} catch (error) {
			// Its holder has just died. The next open of a store finds the file again.
			if (!isBusy(error)) {
				throw error;
			}
		}
	};
	await endingWith(remove, release);
}

async function newPlace(): Promise<Place> {
	const directory = await makeDirectoryAt(REMOVED_DIRECTORY);
	const name = crypto.randomUUID();
	const lock = await tryLock(lockOf(name));
	const remove = () =>
		unlessMissing(() => onceFree(() => directory.removeEntry(name)));
	return {
		directory,
		name,
		async discard() {
			await endingWith(
				() => within(NAMES_MILLISECONDS, `${name} was not removed`, remove()),
				() => lock?.release(),
			);
		},
	};
}

function lockOf(name: string): string {
	return `dualslot:removed:${name}`;
}
