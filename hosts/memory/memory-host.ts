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
import { lockOf } from "../../src/host/open-state.ts";
import { FileBytes, MemoryFile } from "./memory-file.ts";

const CAPABILITIES: HostCapabilities = {
	name: "memory",
	directIO: false,
	ring: false,
	lockExcludes: "process",
	syncSurvives: "nothing",
	removeOpenFile: true,
};

type Directory = Map<string, Entry>;
type Entry = Directory | FileBytes;

function isDirectory(entry: Entry | undefined): entry is Directory {
	return entry !== undefined && !(entry instanceof FileBytes);
}

/** See memoryHost. */
export class MemoryHost implements Host {
	readonly capabilities = CAPABILITIES;
	readonly location = "memory";
	/** Holds the store's own directory as '', so it is missing, made and removed like any other. */
	readonly #top: Directory = new Map();
	readonly #locked = new Set<string>();

	open(
		path: string,
		mode: OpenMode,
		options?: HostOpenOptions,
	): HostFile | undefined {
		const found = this.#find(partsOf(path));
		if (isDirectory(found)) {
			throw failure("EISDIR", path);
		}
		if (options?.direct) {
			throw failure("EINVAL", path);
		}
		if (mode === "read" || mode === "write") {
			return found && new MemoryFile(found, path, mode === "write");
		}
		const bytes = found ?? this.#put(path, new FileBytes());
		if (mode === "replace") {
			bytes.resize(0);
		}
		return new MemoryFile(bytes, path, true);
	}

	list(path: string): HostEntry[] | undefined {
		if (this.#find(partsOf(path)) === undefined) {
			return undefined;
		}
		const entries = this.#directory(partsOf(path));
		return Array.from(entries, ([name, entry]) => ({
			name,
			kind: isDirectory(entry) ? "directory" : "file",
		}));
	}

	makeDirectory(path: string): boolean {
		const found = this.#find(partsOf(path));
		if (found instanceof FileBytes) {
			throw failure("EEXIST", path);
		}
		if (found === undefined) {
			this.#put(path, new Map());
		}
		return found === undefined;
	}

	remove(path: string): boolean {
		const { parent, name } = splitLast(path);
		const missing = this.#find(parent) === undefined;
		return !missing && this.#directory(parent).delete(name);
	}

	rename(from: string, to: string): void {
		const moved = this.#find(partsOf(from));
		if (moved === undefined) {
			throw failure("ENOENT", from);
		}
		if (isDirectory(moved)) {
			throw failure("EISDIR", from);
		}
		if (isDirectory(this.#find(partsOf(to)))) {
			throw failure("EISDIR", to);
		}
		this.#put(to, moved);
		if (from !== to) {
			this.remove(from);
		}
	}

	syncDirectory(path: string): void {
		this.#directory(partsOf(path));
	}

	lock(path = ""): HostLock | undefined {
		if (this.#locked.has(path)) {
			return undefined;
		}
		if (path !== "") {
			this.open(path, "create")?.close();
		}
		this.#locked.add(path);
		return lockOf(() => {
			this.#locked.delete(path);
		});
	}

	lockState(): LockState {
		return this.#locked.has("") ? "held" : "free";
	}

	hold(): undefined {
		return undefined;
	}

	loadZstd(): undefined {
		return undefined;
	}

	#find(parts: readonly string[]): Entry | undefined {
		let entry: Entry | undefined = this.#top;
		for (const name of parts) {
			if (entry instanceof FileBytes) {
				throw failure("ENOTDIR", parts.join("/"));
			}
			entry = entry?.get(name);
		}
		return entry;
	}

	#directory(parts: readonly string[]): Directory {
		const found = this.#find(parts);
		if (isDirectory(found)) {
			return found;
		}
		throw failure(found ? "ENOTDIR" : "ENOENT", parts.join("/"));
	}

	#put<T extends Entry>(path: string, entry: T): T {
		const { parent, name } = splitLast(path);
		this.#directory(parent).set(name, entry);
		return entry;
	}
}

function partsOf(path: string): string[] {
	return path === "" ? [""] : ["", ...path.split("/")];
}

function splitLast(path: string): { parent: string[]; name: string } {
	return {
		parent: partsOf(path).slice(0, -1),
		name: path.slice(path.lastIndexOf("/") + 1),
	};
}
