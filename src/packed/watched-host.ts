import { fileSize } from "../host/answers.ts";
import { andThen, DelegatingFile, DelegatingHost } from "../host/delegating.ts";
import type {
	Host,
	HostFile,
	HostOpenOptions,
	HostWriteOptions,
	OpenMode,
} from "../host/host.ts";
import type { Awaitable } from "../turns/awaitable.ts";

const MAKING = new Set<OpenMode>(["create", "replace"]);

/** A session's changes of a file. */
export interface WatchedChanges {
	/** How many writes, truncations and the like were begun. */
	count: number;
	/** How many of them a later sync has covered. */
	synced: number;
	/** Where the last write began. */
	lastOffset: number | undefined;
	/** The session's open file, if any. */
	file: HostFile | undefined;
}

/** Calls back before each change of some files, and counts their changes. */
export class WatchedHost extends DelegatingHost {
	readonly #files: ReadonlyMap<string, WatchedChanges>;
	readonly #there: ReadonlySet<string>;
	readonly #before: () => Awaitable<void>;

	/**
	 * `there` are the names that were found. `before` is called before each change; it returns no
	 * promise where it has nothing to do.
	 */
	constructor(
		host: Host,
		paths: readonly string[],
		there: ReadonlySet<string>,
		before: () => Awaitable<void>,
	) {
		super(host);
		this.#there = there;
		this.#files = new Map(
			paths.map((path) => [
				path,
				{ count: 0, synced: 0, lastOffset: undefined, file: undefined },
			]),
		);
		this.#before = before;
	}

	/** Undefined where nothing was changed. */
	changesOf(path: string): WatchedChanges | undefined {
		const changes = this.#files.get(path);
		return changes !== undefined && changes.count > 0 ? changes : undefined;
	}

	/** The session's open file, if any. */
	openFile(path: string): HostFile | undefined {
		return this.#files.get(path)?.file;
	}

	override async open(
		path: string,
		mode: OpenMode,
		options?: HostOpenOptions,
	): Promise<HostFile | undefined> {
		const changes = this.#files.get(path);
		const isMade = MAKING.has(mode) && !this.#there.has(path);
		if (changes !== undefined && isMade) {
			await beginning(changes, this.#before);
		}
		const file = await super.open(path, mode, options);
		if (file === undefined || changes === undefined) {
			return file;
		}
		changes.file = new WatchedFile(file, changes, this.#before);
		return changes.file;
	}

	override rename(from: string, to: string): Awaitable<void> {
		const changes = this.#files.get(to);
		const rename = () => super.rename(from, to);
		return changes === undefined
			? rename()
			: andThen(beginning(changes, this.#before), () => {
					// The renamed file is durable already, and its name will be synced next.
					changes.synced = changes.count;
					changes.file = undefined;
					return rename();
				});
	}
}

class WatchedFile extends DelegatingFile {
	readonly #changes: WatchedChanges;
	readonly #before: () => Awaitable<void>;

	constructor(
		file: HostFile,
		changes: WatchedChanges,
		before: () => Awaitable<void>,
	) {
		super(file);
		this.#changes = changes;
		this.#before = before;
	}

	override size(): Awaitable<number> {
		return andThen(super.size(), fileSize);
	}

	override write(
		parts: readonly Uint8Array[],
		offset: number,
		options?: HostWriteOptions,
	): Awaitable<void> {
		return this.#changing(() => {
			this.#changes.lastOffset = offset;
			return super.write(parts, offset, options);
		});
	}

	override truncate(size: number): Awaitable<void> {
		return this.#changing(() => super.truncate(size));
	}

	override allocate(size: number): Awaitable<boolean> {
		return this.#changing(() => super.allocate(size));
	}

	override sync(): Awaitable<void> {
		const { count } = this.#changes;
		return andThen(super.sync(), () => {
			this.#changes.synced = count;
		});
	}

	override close(): Awaitable<void> {
		if (this.#changes.file === this) {
			this.#changes.file = undefined;
		}
		return super.close();
	}

	#changing<T>(change: () => Awaitable<T>): Awaitable<T> {
		return andThen(beginning(this.#changes, this.#before), change);
	}
}

function beginning(
	changes: WatchedChanges,
	before: () => Awaitable<void>,
): Awaitable<void> {
	changes.count += 1;
	return before();
}
