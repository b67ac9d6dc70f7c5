import {
	DelegatingFile,
	DelegatingHost,
} from "../../../src/host/delegating.ts";
import type {
	Host,
	HostCapabilities,
	HostFile,
	HostLock,
	HostOpenOptions,
	HostWriteOptions,
	OpenMode,
} from "../../../src/host/host.ts";
import { joined } from "../runs/bytes.ts";

/**
 * One step of a host that changes a disk, or makes it durable. A file's number outlives its names.
 */
export type DiskStep =
	| { readonly kind: "make"; readonly path: string; readonly file: number }
	| { readonly kind: "makeDirectory"; readonly path: string }
	| { readonly kind: "remove"; readonly path: string }
	| {
			readonly kind: "rename";
			readonly from: string;
			readonly to: string;
			readonly file: number;
	  }
	| { readonly kind: "syncDirectory"; readonly path: string }
	| {
			readonly kind: "write";
			readonly file: number;
			readonly path: string;
			readonly offset: number;
			readonly bytes: Uint8Array;
			/** Whether nobody waits for it. */
			readonly background: boolean;
	  }
	| {
			readonly kind: "truncate" | "allocate";
			readonly file: number;
			readonly path: string;
			readonly size: number;
	  }
	| {
			readonly kind: "sync";
			readonly file: number;
			readonly path: string;
			/** Steps that came while it ran: it does not cover them. */
			readonly meanwhile: readonly DiskStep[];
	  };

/** A wrapper over a host that logs every step in the order of the calls. */
export class CrashLog extends DelegatingHost {
	readonly steps: DiskStep[] = [];
	readonly #syncs = { turns: () => 0 };
	readonly #files = new Map<string, number>();
	#lastFile = 0;
	readonly #zerosAfter: number;

	/** `zerosAfter`: as in a host's capabilities. */
	constructor(host: Host, zerosAfter = 0) {
		super(host);
		this.#zerosAfter = zerosAfter;
	}

	override get capabilities(): HostCapabilities {
		return { ...super.capabilities, zerosAfter: this.#zerosAfter };
	}

	/** Names the files that exist before the first step. */
	begin(paths: Iterable<string>): void {
		for (const path of paths) {
			this.#lastFile += 1;
			this.#files.set(path, this.#lastFile);
		}
	}

	/** Each sync of a file takes so many turns of the microtask queue: others end before it. */
	holdSyncs(turns: () => number): void {
		this.#syncs.turns = turns;
	}

	override async open(
		path: string,
		mode: OpenMode,
		options?: HostOpenOptions,
	): Promise<HostFile | undefined> {
		const file = await super.open(path, mode, options);
		if (file === undefined) {
			return undefined;
		}
		const known = this.#files.get(path);
		if (known !== undefined) {
			if (mode === "replace") {
				this.steps.push({ kind: "truncate", file: known, path, size: 0 });
			}
			return new LoggedFile(file, known, path, this.steps, this.#syncs);
		}
		const made = this.#make(path);
		return new LoggedFile(file, made, path, this.steps, this.#syncs);
	}

	/** Locking a missing file makes it. */
	override async lock(path?: string): Promise<HostLock | undefined> {
		const lock = await super.lock(path);
		if (path !== undefined && path !== "" && !this.#files.has(path)) {
			this.#make(path);
		}
		return lock;
	}

	override async makeDirectory(path: string): Promise<boolean> {
		const isMade = await super.makeDirectory(path);
		if (isMade) {
			this.steps.push({ kind: "makeDirectory", path });
		}
		return isMade;
	}

	override async remove(path: string): Promise<boolean> {
		const isRemoved = await super.remove(path);
		if (isRemoved) {
			this.steps.push({ kind: "remove", path });
			this.#forget(path);
		}
		return isRemoved;
	}

	override async rename(from: string, to: string): Promise<void> {
		await super.rename(from, to);
		const file = this.#files.get(from);
		if (file === undefined) {
			throw new Error(`${from} was renamed and never made`);
		}
		this.steps.push({ kind: "rename", from, to, file });
		this.#files.delete(from);
		this.#files.set(to, file);
	}

	override async syncDirectory(path: string): Promise<void> {
		await super.syncDirectory(path);
		this.steps.push({ kind: "syncDirectory", path });
	}

	#make(path: string): number {
		this.#lastFile += 1;
		this.#files.set(path, this.#lastFile);
		this.steps.push({ kind: "make", path, file: this.#lastFile });
		return this.#lastFile;
	}

	#forget(path: string): void {
		for (const known of [...this.#files.keys()]) {
			if (known === path || known.startsWith(`${path}/`)) {
				this.#files.delete(known);
			}
		}
	}
}

class LoggedFile extends DelegatingFile {
	readonly #number: number;
	readonly #path: string;
	readonly #steps: DiskStep[];
	readonly #syncs: { readonly turns: () => number };

	constructor(
		file: HostFile,
		number: number,
		path: string,
		steps: DiskStep[],
		syncs: { readonly turns: () => number },
	) {
		super(file);
		this.#syncs = syncs;
		this.#number = number;
		this.#path = path;
		this.#steps = steps;
	}

	override async write(
		parts: readonly Uint8Array[],
		offset: number,
		options?: HostWriteOptions,
	): Promise<void> {
		const bytes = joined(...parts);
		await super.write(parts, offset, options);
		const file = this.#number;
		const path = this.#path;
		const background = options?.background ?? false;
		this.#steps.push({ kind: "write", file, path, offset, bytes, background });
		if (options?.synced) {
			// A synced write makes only its bytes durable, which this disk does not model.
			throw new Error("a disk that is to crash has no synced writes");
		}
	}

	override async truncate(size: number): Promise<void> {
		await super.truncate(size);
		const file = this.#number;
		const path = this.#path;
		this.#steps.push({ kind: "truncate", file, path, size });
	}

	override async allocate(size: number): Promise<boolean> {
		const isAllocated = await super.allocate(size);
		const file = this.#number;
		const path = this.#path;
		this.#steps.push({ kind: "allocate", file, path, size });
		return isAllocated;
	}

	override async sync(): Promise<void> {
		const begun = this.#steps.length;
		await super.sync();
		for (let turns = this.#syncs.turns(); turns > 0; turns -= 1) {
			await undefined;
		}
		const file = this.#number;
		const path = this.#path;
		const meanwhile = this.#steps.slice(begun);
		this.#steps.push({ kind: "sync", file, path, meanwhile });
	}
}
