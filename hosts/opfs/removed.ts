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
 * At the origin's root, beside every store: where files lie that have lost their names and are
 * still open.
 */
export const REMOVED_DIRECTORY = ".dualslot-removed";

/** Where a file without a name of its own can lie. Its lock says that it is in use. */
interface Place {
	readonly directory: DirectoryHandle;
	readonly name: string;
	/** Removes what lies there. May be called again. */
	discard(): Promise<void>;
}

/** Takes the file's name away while the file is closed, and leaves its bytes in the place. */
export type Unname = (place: Place, closed: FileHandle) => Promise<void>;

/** Lets an open file live on without a name, until its last handle is closed. */
export async function keepWithoutName(
	file: SharedFile,
	unname: Unname,
): Promise<void> {
	// Whoever has the file open may close it meanwhile.
	const handle = file.handle(false);
	await endingWith(
		async () => moveTo(await newPlace(), file, unname),
		() => handle.close(),
	);
}

/** Removes what tabs and workers left that died with removed files open. */
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
			// Its holder has only just died. Whoever opens a store next finds it again.
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
