import {
	type DirectoryHandle,
	type FileHandle,
	rootDirectory,
} from "./platform.ts";

/** An entry's directory, and its name there. */
export interface Place {
	readonly parent: DirectoryHandle;
	readonly name: string;
}

/**
 * Directories by their path from the origin's root, which saves a walk for each file. A handle
 * stands for its path: when the directory is gone, files in it are missing.
 */
const KNOWN = new Map<string, DirectoryHandle>();

/** Directories in which a name was changed since they were last asked for: they were there. */
const CHANGED = new Set<string>();

/** The directory of the entry at a path, and the last part of the path. */
export async function placeOf(path: string): Promise<Place> {
	const parent = await known(parentOf(path));
	return { parent, name: path.slice(path.lastIndexOf("/") + 1) };
}

/** Fails where it is missing. */
export async function directoryAt(path: string): Promise<DirectoryHandle> {
	const { parent, name } = await placeOf(path);
	return keep(path, await parent.getDirectoryHandle(name));
}

export async function makeDirectoryAt(path: string): Promise<DirectoryHandle> {
	const { parent, name } = await placeOf(path);
	const options = { create: true };
	return keep(path, await parent.getDirectoryHandle(name, options));
}

/** Fails where the directory is missing. Asks nobody where a change has just shown it. */
export async function lookFor(path: string): Promise<void> {
	if (!CHANGED.delete(path)) {
		await directoryAt(path);
	}
}

export async function fileAt(path: string): Promise<FileHandle> {
	const { parent, name } = await placeOf(path);
	return parent.getFileHandle(name);
}

export async function makeFileAt(path: string): Promise<FileHandle> {
	const { parent, name } = await placeOf(path);
	return parent.getFileHandle(name, { create: true });
}

/** After a change of an entry's name. */
export function noteChangeOf(path: string): void {
	CHANGED.add(parentOf(path));
}

/** After a removal. */
export function forget(path: string): void {
	for (const paths of [KNOWN, CHANGED]) {
		for (const found of [...paths.keys()]) {
			if (found === path || found.startsWith(`${path}/`)) {
				paths.delete(found);
			}
		}
	}
}

async function known(path: string): Promise<DirectoryHandle> {
	const found = KNOWN.get(path);
	if (found !== undefined) {
		return found;
	}
	return path === "" ? keep("", await rootDirectory()) : directoryAt(path);
}

function keep(path: string, directory: DirectoryHandle): DirectoryHandle {
	KNOWN.set(path, directory);
	return directory;
}

function parentOf(path: string): string {
	return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}
