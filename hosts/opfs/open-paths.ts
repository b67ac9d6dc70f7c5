import { failureName } from "../../src/errors.ts";
import { failure } from "../../src/host/answers.ts";
import type { HostFile, OpenMode } from "../../src/host/host.ts";
import { endingIfFailed } from "../../src/turns/endings.ts";
import { copyFile } from "./access.ts";
import type { Ownership } from "./ownership.ts";
import { onceFree, unlessMissing } from "./platform.ts";
import { keepWithoutName } from "./removed.ts";
import { SharedFile } from "./shared-file.ts";
import { fileAt, forget, makeFileAt, type Place, placeOf } from "./tree.ts";

/**
 * The files that this worker has open, of any host, by their path from the origin's root: a second
 * access handle would be refused.
 */
const OPEN = new Map<string, SharedFile>();

/** Browsers' errors for a name without a directory: nothing has the name, or a file. */
const FREE_FOR_FILE = new Set(["NotFoundError", "TypeMismatchError"]);

/** Undefined where `mode` makes no file and none is there. */
export async function openFile(
	path: string,
	mode: OpenMode,
	owner: Ownership,
): Promise<HostFile | undefined> {
	const shared = OPEN.get(path) ?? (await openShared(path, mode));
	const handle = shared?.handle(mode !== "read", owner);
	if (handle !== undefined && mode === "replace") {
		await makeEmpty(handle);
	}
	return handle;
}

async function openShared(
	path: string,
	mode: OpenMode,
): Promise<SharedFile | undefined> {
	const file =
		mode === "replace" || mode === "create"
			? await makeFileAt(path)
			: await unlessMissing(() => fileAt(path));
	const shared = file && (await SharedFile.open(file));
	if (shared !== undefined) {
		register(path, shared);
	}
	return shared;
}

function register(path: string, file: SharedFile): void {
	OPEN.set(path, file);
	file.whenClosed = () => {
		OPEN.delete(path);
	};
}

async function makeEmpty(handle: HostFile): Promise<void> {
	await endingIfFailed(
		() => handle.truncate(0),
		() => handle.close(),
	);
}

/**
 * Removes a file or a directory, whatever of it is open. Returns false where nothing has the path.
 */
export async function removePath(path: string): Promise<boolean> {
	if (await removeOpen(path)) {
		return true;
	}
	for (const open of [...OPEN.keys()]) {
		if (open.startsWith(`${path}/`)) {
			await removeOpen(open);
		}
	}
	const removed = await unlessMissing(async () => {
		const { parent, name } = await placeOf(path);
		await onceFree(() => parent.removeEntry(name, { recursive: true }));
		return true;
	});
	forget(path);
	return removed ?? false;
}

/** Returns whether the file was open; a closed file stays as it is. */
async function removeOpen(path: string): Promise<boolean> {
	const file = OPEN.get(path);
	if (file === undefined) {
		return false;
	}
	await keepWithoutName(file, async ({ directory, name }, closed) => {
		await onceFree(() => closed.move(directory, name));
		OPEN.delete(path);
	});
	return true;
}

/** Replaces a file at `to`; either may be open. */
export async function renameFile(from: string, to: string): Promise<void> {
	const [file, { parent, name }] = await Promise.all([
		fileAt(from),
		placeForFile(to),
	]);
	if (from === to) {
		return;
	}
	const move = () => onceFree(() => file.move(parent, name));
	const source = OPEN.get(from);
	if (source === undefined) {
		return replace(to, move);
	}
	await source.relocate(async () => {
		await replace(to, move);
		OPEN.delete(from);
		register(to, source);
		return fileAt(to);
	});
}

/**
 * Calls `move`, which replaces the file at a path. An open file is copied first: moving it away
 * would leave a moment in which a crash finds neither file.
 */
async function replace(path: string, move: () => Promise<void>): Promise<void> {
	const target = OPEN.get(path);
	if (target === undefined) {
		return move();
	}
	await keepWithoutName(target, async ({ directory, name }, closed) => {
		const copy = await directory.getFileHandle(name, { create: true });
		await copyFile(closed, copy);
		await move();
		OPEN.delete(path);
	});
}

/** Firefox would delete a directory, with its contents, if a file were moved there. */
async function placeForFile(path: string): Promise<Place> {
	const place = await placeOf(path);
	if (await isDirectory(place)) {
		throw failure("EISDIR", path);
	}
	return place;
}

async function isDirectory({ parent, name }: Place): Promise<boolean> {
	try {
		await parent.getDirectoryHandle(name);
		return true;
	} catch (error) {
		if (FREE_FOR_FILE.has(failureName(error) ?? "")) {
			return false;
		}
		throw error;
	}
}
