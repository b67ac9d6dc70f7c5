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

/** At the origin's root, beside every store: where files lie that have lost their names and are still open. */
export const REMOVED_DIRECTORY = ".dualslot-removed";

/** Where a file without a name of its own can lie. Its lock says that it is in use. */
export interface Place {
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
	try {
		await moveTo(await newPlace(), file, unname);
	} finally {
		await handle.close();
	}
}

/** Removes what tabs and workers left that died with removed files open. */
export async function removeLeftovers(): Promise<void> {
	const directory = await unlessMissing(() => directoryAt(REMOVED_DIRECTORY));
	if (directory === undefined) {
		return;
	}
	for await (const { name } of directory.values()) {
		const release = await tryLock(lockOf(name));
		if (release !== undefined) {
			await removeLeftover(directory, name, release);
		}
	}
}

async function moveTo(
	place: Place,
	file: SharedFile,
	unname: Unname,
): Promise<void> {
	try {
		await file.relocate(async (closed) => {
			await unname(place, closed);
			file.whenClosed = place.discard;
			return place.directory.getFileHandle(place.name);
		});
	} catch (error) {
		await place.discard();
		throw error;
	}
}

async function removeLeftover(
	directory: DirectoryHandle,
	name: string,
	release: Release,
): Promise<void> {
	try {
		await unlessMissing(() => directory.removeEntry(name));
	} catch (error) {
		// Its holder has only just died. Whoever opens a store next finds it again.
		if (!isBusy(error)) {
			throw error;
		}
	} finally {
		await release();
	}
}

async function newPlace(): Promise<Place> {
	const name = crypto.randomUUID();
	const release = await tryLock(lockOf(name));
	const directory = await makeDirectoryAt(REMOVED_DIRECTORY);
	return {
		directory,
		name,
		async discard() {
			await unlessMissing(() => onceFree(() => directory.removeEntry(name)));
			await release?.();
		},
	};
}

function lockOf(name: string): string {
	return `dualslot:removed:${name}`;
}
