import {
	type DirectoryHandle,
	type FileHandle,
	rootDirectory,
} from "./platform.ts";

/**
 * Directories by their path from the origin's root, which saves a walk for each file. A handle
 * stands for its path: when the directory is gone, files in it are missing.
 */
const KNOWN = new Map<string, DirectoryHandle>();

/** The directory of the entry at a path, and the last part of the path. */
export async function placeOf(
	path: string,
): Promise<{ parent: DirectoryHandle; name: string }> {
	const at = path.lastIndexOf("/");
	const parent = await known(path.slice(0, Math.max(0, at)));
	return { parent, name: path.slice(at + 1) };
}

/** Fails where it is missing. */
export async function directoryAt(path: string): Promise<DirectoryHandle> {
	const { parent, name } = await placeOf(path);
	return parent.getDirectoryHandle(name);
}

export async function makeDirectoryAt(path: string): Promise<DirectoryHandle> {
	const { parent, name } = await placeOf(path);
	return parent.getDirectoryHandle(name, { create: true });
}

export async function fileAt(path: string): Promise<FileHandle> {
	const { parent, name } = await placeOf(path);
	return parent.getFileHandle(name);
}

export async function makeFileAt(path: string): Promise<FileHandle> {
	const { parent, name } = await placeOf(path);
	return parent.getFileHandle(name, { create: true });
}

/** After a removal. */
export function forget(path: string): void {
	for (const found of [...KNOWN.keys()]) {
		if (found === path || found.startsWith(`${path}/`)) {
			KNOWN.delete(found);
		}
	}
}

async function known(path: string): Promise<DirectoryHandle> {
	const found = KNOWN.get(path);
	if (found !== undefined) {
		return found;
	}
	const directory =
		path === "" ? await rootDirectory() : await directoryAt(path);
	KNOWN.set(path, directory);
	return directory;
}
