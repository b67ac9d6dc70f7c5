import { failureName } from "../../src/errors.ts";
import { failure } from "../../src/host/answers.ts";
import type {
	Host,
	HostCapabilities,
	HostEntry,
	HostFile,
	HostLock,
	HostOpenOptions,
	LockState,
	OpenMode,
} from "../../src/host/host.ts";
import { Observer } from "../../src/host/observer.ts";
import { lockOf } from "../../src/host/open-state.ts";
import { endingIfFailed } from "../../src/turns/endings.ts";
import { copyFile } from "./access.ts";
import { NAMES_MILLISECONDS, within } from "./deadline.ts";
import { lockStateOf, type TakenLock, tryLock } from "./lock.ts";
import { NameTurn } from "./name-turn.ts";
import { Ownership } from "./ownership.ts";
import { type DirectoryHandle, onceFree, unlessMissing } from "./platform.ts";
import { keepWithoutName, removeLeftovers } from "./removed.ts";
import { SharedFile } from "./shared-file.ts";
import {
	directoryAt,
	fileAt,
	forget,
	makeDirectoryAt,
	makeFileAt,
	placeOf,
} from "./tree.ts";

export const OPFS_CAPABILITIES: HostCapabilities = {
	name: "opfs",
	directIO: false,
	ring: false,
	lockExcludes: "origin",
	syncSurvives: "process",
	removeOpenFile: true,
};

/**
 * The files that this worker has open, of any host, by their path from the origin's root: a second
 * access handle would be refused.
 */
const OPEN = new Map<string, SharedFile>();

/** Browsers' errors for a name without a directory: nothing has the name, or a file. */
const FREE_FOR_FILE = new Set(["NotFoundError", "TypeMismatchError"]);

const TURN = new NameTurn();

/**
 * A directory of the origin private file system, for a dedicated worker. Reads, writes and syncs
 * return at once, calls about names do not. No browser removes, moves or replaces an open file.
 * This host does, as POSIX does: it closes the file, and opens it again in its new place.
 */
export class OpfsDirectory implements Host {
	readonly capabilities = OPFS_CAPABILITIES;
	readonly location: string;
	readonly #owner: Ownership;

	constructor(name: string, observer = new Observer()) {
		this.location = name;
		this.#owner = new Ownership(name, observer);
	}

	async open(
		path: string,
		mode: OpenMode,
		options?: HostOpenOptions,
	): Promise<HostFile | undefined> {
		refuseDirect(options);
		const open = () => {
			if (mode !== "read") {
				this.#owner.refuseIfLost();
			}
			return openFile(this.#at(path), mode, this.#owner);
		};
		return TURN.run(`open ${path}`, open, (file) => file?.close());
	}

	list(path: string): Promise<HostEntry[] | undefined> {
		return TURN.run(`list ${path}`, async () => {
			const directory = await unlessMissing(() => directoryAt(this.#at(path)));
			return directory && entriesOf(directory);
		});
	}

	makeDirectory(path: string): Promise<boolean> {
		return this.#changing(`make ${path}`, async () => {
			const found = await unlessMissing(() => directoryAt(this.#at(path)));
			if (found !== undefined) {
				return false;
			}
			await (path === "" ? makeWithParents : makeDirectoryAt)(this.#at(path));
			return true;
		});
	}

	remove(path: string): Promise<boolean> {
		return this.#changing(`remove ${path}`, () => remove(this.#at(path)));
	}

	rename(from: string, to: string): Promise<void> {
		const move = () => rename(this.#at(from), this.#at(to));
		return this.#changing(`rename ${from}`, move);
	}

	/** The browser makes names durable at its own time, and has no call for it. */
	async syncDirectory(path: string): Promise<void> {
		await this.#changing(`look for ${path}`, () => directoryAt(this.#at(path)));
	}

	async lock(path = ""): Promise<HostLock | undefined> {
		if (path === "") {
			const late = "what was left could not be removed";
			await within(NAMES_MILLISECONDS, late, removeLeftovers());
		} else {
			await TURN.run(`make ${path}`, () => makeFileAt(this.#at(path)));
		}
		const lock = await tryLock(this.#lockName(path));
		return lock && this.#owning(lock);
	}

	lockState(): Promise<LockState> {
		return lockStateOf(this.#lockName(""));
	}

	hold(): undefined {
		return undefined;
	}

	loadZstd(): undefined {
		return undefined;
	}

	#owning({ release, lost }: TakenLock): HostLock {
		const forgo = this.#owner.hold(lost);
		return lockOf(async () => {
			forgo();
			await release();
		});
	}

	/** The ownership is checked when the turn has come: the wait may have cost the store. */
	#changing<T>(what: string, step: () => Promise<T>): Promise<T> {
		return TURN.run(what, async () => {
			this.#owner.refuseIfLost();
			return step();
		});
	}

	#lockName(path: string): string {
		return `dualslot:store:${this.#at(path)}`;
	}

	/** The path from the origin's root. */
	#at(path: string): string {
		return path === "" ? this.location : `${this.location}/${path}`;
	}
}

export function refuseDirect(options?: HostOpenOptions): void {
	if (options?.direct) {
		throw failure("ENOTSUP", "a browser has no direct I/O");
	}
}

async function openFile(
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

async function remove(path: string): Promise<boolean> {
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

async function rename(from: string, to: string): Promise<void> {
	const file = await fileAt(from);
	if (from === to) {
		return;
	}
	const { parent, name } = await placeOf(to);
	// Firefox would delete a directory, with its contents, if a file were moved there.
	if (await isDirectory(parent, name)) {
		throw failure("EISDIR", to);
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

async function isDirectory(
	parent: DirectoryHandle,
	name: string,
): Promise<boolean> {
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

async function makeWithParents(path: string): Promise<void> {
	const parts = path.split("/");
	for (const count of parts.keys()) {
		await makeDirectoryAt(parts.slice(0, count + 1).join("/"));
	}
}

/**
 * Throws for an entry that no platform can have named. Unlike names that are no UTF-8, it is not
 * skipped.
 */
function nameOf(name: unknown): string {
	if (typeof name !== "string") {
		throw failure("EIO", `an entry of a directory is called ${name}`);
	}
	return name;
}

async function entriesOf(directory: DirectoryHandle): Promise<HostEntry[]> {
	const entries: HostEntry[] = [];
	for await (const { name, kind } of directory.values()) {
		entries.push({ name: nameOf(name), kind });
	}
	return entries;
}
