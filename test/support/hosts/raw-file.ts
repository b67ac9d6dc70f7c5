import { assert } from "chai";
import type { Host, HostFile, OpenMode } from "../../../src/host/host.ts";
import type { Awaitable } from "../../../src/turns/awaitable.ts";
import { toHex } from "../runs/bytes.ts";

/** A host's modes, and 'direct': as 'create', past the system's cache. */
export type FileMode = OpenMode | "direct";

export function openAs(
	host: Host,
	path: string,
	mode: FileMode,
): Awaitable<HostFile | undefined> {
	return mode === "direct"
		? host.open(path, "create", { direct: true })
		: host.open(path, mode);
}

/** The bytes of a file as the host holds them, without a store in between. */
export async function readRaw(host: Host, path: string): Promise<Uint8Array> {
	return withFile(host, path, "read", bytesIn);
}

export async function bytesIn(file: HostFile): Promise<Uint8Array> {
	const bytes = new Uint8Array(await file.size());
	assert.equal(await file.read([bytes], 0), bytes.length);
	return bytes;
}

/** Makes a file by hand, with the directories above it. */
export async function writeRaw(
	host: Host,
	path: string,
	bytes: Uint8Array,
): Promise<void> {
	const [directory, name] = path.split("/");
	await host.makeDirectory("");
	if (directory !== undefined && name !== undefined) {
		await host.makeDirectory(directory);
	}
	await withFile(host, path, "replace", (file) => file.write([bytes], 0));
}

/** Writes over a part of an existing file. */
export async function mangleRaw(
	host: Host,
	path: string,
	offset: number,
	bytes: Uint8Array,
): Promise<void> {
	await withFile(host, path, "write", (file) => file.write([bytes], offset));
}

export async function truncateRaw(
	host: Host,
	path: string,
	size: number,
): Promise<void> {
	await withFile(host, path, "write", (file) => file.truncate(size));
}

export async function existsRaw(host: Host, path: string): Promise<boolean> {
	const file = await host.open(path, "read");
	await file?.close();
	return file !== undefined;
}

/** The names in a directory, sorted; none where it is missing. */
export async function namesIn(host: Host, directory = ""): Promise<string[]> {
	const entries = (await host.list(directory)) ?? [];
	return entries.map(({ name }) => name ?? "(no UTF-8)").sort();
}

/** Removes all that a host holds. */
export async function emptyRaw(host: Host): Promise<void> {
	for (const name of await namesIn(host)) {
		await host.remove(name);
	}
}

/** Every file below a directory, as its path and its bytes in hex. */
export async function imageOf(host: Host, directory = ""): Promise<string[]> {
	const lines: string[] = [];
	for (const { name, kind } of (await host.list(directory)) ?? []) {
		const path = directory === "" ? `${name}` : `${directory}/${name}`;
		if (kind === "directory") {
			lines.push(`${path}/`, ...(await imageOf(host, path)));
		} else {
			lines.push(`${path} ${toHex(await readRaw(host, path))}`);
		}
	}
	return lines.sort();
}

export async function withFile<T>(
	host: Host,
	path: string,
	mode: FileMode,
	body: (file: HostFile) => Awaitable<T>,
): Promise<T> {
	const file = await opened(host, path, mode);
	try {
		return await body(file);
	} finally {
		await file.close();
	}
}

export async function opened(
	host: Host,
	path: string,
	mode: FileMode,
): Promise<HostFile> {
	const file = await openAs(host, path, mode);
	if (file === undefined) {
		throw new Error(`${path} is not there to ${mode}`);
	}
	return file;
}
