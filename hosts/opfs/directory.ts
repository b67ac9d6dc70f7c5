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
import { NAMES_MILLISECONDS, within } from "./deadline.ts";
import { lockStateOf, type TakenLock, tryLock } from "./lock.ts";
import { NameTurn } from "./name-turn.ts";
import { openFile, removePath, renameFile } from "./open-paths.ts";
import { Ownership } from "./ownership.ts";
import { type DirectoryHandle, unlessMissing } from "./platform.ts";
import { removeLeftovers } from "./removed.ts";
import {
	directoryAt,
	lookFor,
	makeDirectoryAt,
	makeFileAt,
	noteChangeOf,
} from "./tree.ts";

export const OPFS_CAPABILITIES: HostCapabilities = {
	name: "opfs",
	directIO: false,
	ring: false,
	lockExcludes: "origin",
	syncSurvives: "process",
	removeOpenFile: true,
};

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
			noteChangeOf(this.#at(path));
			return true;
		});
	}

	remove(path: string): Promise<boolean> {
		return this.#changing(`remove ${path}`, async () => {
			const isRemoved = await removePath(this.#at(path));
			if (isRemoved) {
				noteChangeOf(this.#at(path));
			}
			return isRemoved;
		});
	}

	rename(from: string, to: string): Promise<void> {
		return this.#changing(`rename ${from}`, async () => {
			await renameFile(this.#at(from), this.#at(to));
			noteChangeOf(this.#at(from));
			noteChangeOf(this.#at(to));
		});
	}

	/** The browser makes names durable at its own time, and has no call for it. */
	async syncDirectory(path: string): Promise<void> {
		await this.#changing(`look for ${path}`, () => lookFor(this.#at(path)));
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
