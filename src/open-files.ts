import type { Host, HostFile, OpenMode } from "./host.ts";
import { LatchedFile } from "./latch.ts";

/** One open file of the host, shared by every handle of its blob. */
export interface OpenFile {
	readonly path: string;
	readonly file: LatchedFile;
	/** Handed to the host since the last completed sync, or adopted from before this open: not known to be durable. */
	isDirty: boolean;
	/** Whether the host answered the last read at once. */
	readsAtOnce: boolean;
	handles: number;
}

/** The files that a store has open, by path. A file that was removed is forgotten, and lives on in its handles. */
export class OpenFiles {
	readonly #host: Host;
	readonly #byPath = new Map<string, OpenFile>();

	constructor(host: Host) {
		this.#host = host;
	}

	/** The file at `path` with one more handle; undefined when it does not exist. */
	async acquire(path: string, mode: OpenMode): Promise<OpenFile | undefined> {
		const open = this.#byPath.get(path);
		if (open !== undefined) {
			open.handles += 1;
			return open;
		}
		const file = await this.#host.open(path, mode);
		if (file === undefined) {
			return undefined;
		}
		const latched = await wrapped(file, path);
		const opened = {
			...{ path, file: latched },
			...{ isDirty: false, readsAtOnce: false, handles: 1 },
		};
		this.#byPath.set(path, opened);
		return opened;
	}

	/** Gives back one handle; the last one closes the file, syncing nothing. */
	async release(open: OpenFile): Promise<void> {
		open.handles -= 1;
		if (open.handles === 0) {
			this.#forget(open);
			await open.file.close();
		}
	}

	/** After a removal: the path is free for a new blob. */
	forget(path: string): void {
		this.#byPath.delete(path);
	}

	/** After the removal of a partition. */
	forgetUnder(directory: string): void {
		for (const path of [...this.#byPath.keys()]) {
			if (path.startsWith(`${directory}/`)) {
				this.#byPath.delete(path);
			}
		}
	}

	#forget(open: OpenFile): void {
		if (this.#byPath.get(open.path) === open) {
			this.#byPath.delete(open.path);
		}
	}
}

/** A file that cannot say how long it is stays open for nobody. */
async function wrapped(file: HostFile, path: string): Promise<LatchedFile> {
	try {
		return await LatchedFile.wrap(file, path);
	} catch (error) {
		await file.close();
		throw error;
	}
}
