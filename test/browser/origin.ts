import {
	type DirectoryHandle,
	type FileHandle,
	rootDirectory,
} from "../../hosts/opfs/platform.ts";
import { toHex } from "../support/runs/bytes.ts";

/** A directory of the origin, as the browser has it. */
export async function directoryOf(
	path: string,
	create = false,
): Promise<DirectoryHandle> {
	let directory = await rootDirectory();
	for (const name of path === "" ? [] : path.split("/")) {
		directory = await directory.getDirectoryHandle(name, { create });
	}
	return directory;
}

export async function fileOf(
	path: string,
	create = false,
): Promise<FileHandle> {
	const at = path.lastIndexOf("/");
	const directory = await directoryOf(path.slice(0, at), create);
	return directory.getFileHandle(path.slice(at + 1), { create });
}

/**
 * Every entry below a directory of the origin: a directory as its path and '/', a file as its path and its bytes in hex,
 * paths from that directory on.
 */
export async function entriesBelow(
	directory: DirectoryHandle,
	above = "",
): Promise<string[]> {
	const lines: string[] = [];
	for await (const { name, kind } of directory.values()) {
		if (kind === "directory") {
			const path = `${above}${name}/`;
			const inner = await directory.getDirectoryHandle(name);
			lines.push(path, ...(await entriesBelow(inner, path)));
		} else {
			const handle = await directory.getFileHandle(name);
			const bytes = await (await handle.getFile()).arrayBuffer();
			lines.push(`${above}${name} ${toHex(new Uint8Array(bytes))}`);
		}
	}
	return lines.sort();
}

/** The names in a directory, sorted. */
export async function namesOf(directory: DirectoryHandle): Promise<string[]> {
	const names: string[] = [];
	for await (const { name } of directory.values()) {
		names.push(name);
	}
	return names.sort();
}
