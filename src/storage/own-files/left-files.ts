import { hex, isHexOf } from "../../bytes.ts";
import { failingAs } from "../../errors.ts";
import { andThen } from "../../host/delegating.ts";
import type { Host } from "../../host/host.ts";
import type { LatchedFile } from "../../host/latch.ts";
import type { Observer } from "../../host/observer.ts";
import type { Awaitable } from "../../turns/awaitable.ts";
import { splitPath } from "../names.ts";
import type { StorageRecovery } from "../recovery.ts";
import {
	type ClosedFile,
	type ClosedPartition,
	contentOf,
	FILES_MAX,
	partitionsIn,
	RECORD,
	RECORD_FILE,
} from "./close-record.ts";
import { MARKER_FILE } from "./marker.ts";
import type { OutsideChange, OutsideReport } from "./outside-change.ts";
import { OutsideChanges } from "./outside-changes.ts";
import { OwnFile, type OwnFinding, type TextChecksum } from "./own-file.ts";

/** How a session uses the record of the last clean close. */
export interface LeftFilesOptions {
	readonly host: Host;
	readonly checksum: TextChecksum;
	readonly readOnly: boolean;
	/**
	 * Whether dualslot.open was there: then nothing is compared, and found files may not be durable.
	 */
	readonly foundMarker: boolean;
	/** Listeners for changes by others. */
	readonly observer: Observer;
}

/** A file of the store that this session has open. */
interface OpenedFile {
	readonly path: string;
	readonly file: LatchedFile;
	readonly isDirty: boolean;
	readonly isSynced: boolean;
	readonly isChanged: boolean;
}

interface LeftFile {
	as: ClosedFile | undefined;
	/** Whether `as` is from the last clean close and was not compared yet. */
	isToCompare: boolean;
}

interface LeftPartition {
	/** Whether all of its names are known. */
	isWhole: boolean;
	/** Whether its names are from the last clean close and were not compared yet. */
	isToCompare: boolean;
	readonly files: Map<string, LeftFile>;
}

/**
 * The known state of a store's files. The record of the last clean close is compared when a file is
 * opened and when a partition is listed. All changes of this session update it, and its own clean
 * close writes it again. Entries of files that nobody opened carry over.
 *
 * It holds only what is known to be durable, so that a power cut makes none of it wrong. The
 * unknown is left out.
 */
export class LeftFiles {
	readonly #host: Host;
	readonly #file: OwnFile;
	#isReadOnly: boolean;
	/** Whether all found files are durable: no crash came before this session. */
	readonly #isTrusted: boolean;
	#foundRecord = false;
	/** The record as it was found. */
	readonly #found: OwnFinding | undefined;
	readonly #partitions = new Map<string, LeftPartition>();
	readonly #changes: OutsideChanges;
	/** Partitions where a change of names failed: which names exist is unknown. */
	readonly #unsure = new Set<string>();

	private constructor(
		{ host, readOnly, foundMarker, observer }: LeftFilesOptions,
		file: OwnFile,
		found: OwnFinding | undefined,
	) {
		this.#host = host;
		this.#file = file;
		this.#isReadOnly = readOnly;
		this.#isTrusted = !foundMarker;
		this.#found = found;
		this.#changes = new OutsideChanges(observer);
	}

	/** Compares nothing, and writes nothing. */
	static none(options: LeftFilesOptions): LeftFiles {
		const file = new OwnFile(options.host, options.checksum, RECORD);
		return new LeftFiles({ ...options, readOnly: true }, file, undefined);
	}

	/** Throws ERR_VERSION. */
	static async load(options: LeftFilesOptions): Promise<LeftFiles> {
		const file = new OwnFile(options.host, options.checksum, RECORD);
		const found = await file.read();
		const left = new LeftFiles(options, file, found);
		if (found !== undefined && !options.foundMarker) {
			left.#adopt(found.content && partitionsIn(found.content));
		}
		return left;
	}

	/** For the store's report: all that is known by now, in the order in which it was found. */
	get report(): Omit<StorageRecovery, "foundCrash" | "owner"> {
		const foundRecord = this.#foundRecord;
		return { foundRecord, changedOutside: this.#changes.all };
	}

	/** For a report of these partitions. */
	reportIn(partitions: readonly string[]): OutsideReport {
		return this.#changes.in(partitions);
	}

	/** For a report of one blob. */
	reportOf(path: string): OutsideReport {
		return this.#changes.of(path);
	}

	/**
	 * A file's first handle was opened. `endIsRead`: its end will be read anyway. Returns no promise
	 * where it need not wait.
	 */
	opened({ path, file }: OpenedFile, endIsRead: boolean): Awaitable<void> {
		const known = this.#known(path);
		if (known === undefined) {
			this.#appeared(path);
		} else if (known.isToCompare) {
			known.isToCompare = false;
			const isLater = endIsRead && !this.#isReadOnly;
			const compared = this.#compare(known, path, file, isLater);
			return andThen(compared, () => this.#confirm());
		}
		return this.#confirm();
	}

	/** A file to be opened or removed is missing. */
	async notFound(path: string): Promise<void> {
		if (this.#known(path)?.isToCompare) {
			this.#changes.note(path, "missing");
		}
		this.removed(path);
		await this.#confirm();
	}

	/**
	 * The last handle of a file that still has its name will now be closed. Throws ERR_READ_FAILED.
	 */
	released(open: OpenedFile): Awaitable<void> {
		const known = this.#known(open.path);
		const isAsKnown = !open.isChanged && known?.as !== undefined;
		return this.#isReadOnly || known === undefined || isAsKnown
			? undefined
			: this.#take(open);
	}

	/** A partition was listed; a missing one has no names. */
	async listed(partition: string, names: readonly string[]): Promise<void> {
		const known = this.#partitions.get(partition);
		this.#compareNames(partition, names);
		await this.#confirm();
		if (this.#isReadOnly || names.length > FILES_MAX) {
			return;
		}
		const files = known?.files ?? new Map<string, LeftFile>();
		for (const name of names) {
			if (!files.has(name)) {
				files.set(name, { as: undefined, isToCompare: false });
			}
		}
		this.#partitions.set(partition, {
			isWhole: true,
			isToCompare: false,
			files,
		});
	}

	/** A partition was made: all that was known of its name was about an older one. */
	async made(partition: string): Promise<void> {
		await this.listed(partition, []);
	}

	/** A blob was made, durably. */
	created(path: string): void {
		this.#put(path, { as: undefined, isToCompare: false });
	}

	/** A blob was removed, durably. */
	removed(path: string): void {
		const { partition, name } = splitPath(path);
		this.#partitions.get(partition)?.files.delete(name);
	}

	/** A partition was removed, durably. */
	removedPartition(partition: string): void {
		this.#partitions.delete(partition);
	}

	/** No record will be written. */
	end(): void {
		this.#isReadOnly = true;
	}

	/** The store was emptied, and other files are about to come. */
	forgetAll(): void {
		this.#partitions.clear();
	}

	/** A partition was made with these files and no others, durably. */
	imported(partition: string, files: ReadonlyMap<string, ClosedFile>): void {
		if (this.#isReadOnly || files.size > FILES_MAX) {
			return;
		}
		const known = Array.from(files, ([name, as]) => {
			return [name, { as, isToCompare: false }] as const;
		});
		this.#partitions.set(partition, {
			isWhole: true,
			isToCompare: false,
			files: new Map(known),
		});
	}

	/** A change of names in a partition failed: which names exist is unknown. */
	unsure(partition: string): void {
		this.#partitions.delete(partition);
		this.#unsure.add(partition);
	}

	/**
	 * For a clean close: durable when it resolves, and so before the marker goes. `isDurable`: a
	 * partition's names are known to be durable. Where the disk has no room it leaves no record and
	 * returns false.
	 */
	async write(isDurable: (partition: string) => boolean): Promise<boolean> {
		const known = [...this.#partitions].filter(([partition]) => {
			const isAsFound = this.#isTrusted && !this.#unsure.has(partition);
			return isAsFound || isDurable(partition);
		});
		const record = closedPartitions(known);
		const content = contentOf(record);
		const isNeeded = this.#found !== undefined || record.length > 0;
		return !isNeeded || this.#file.update(content, this.#found);
	}

	async #take({ path, file, isDirty, isSynced }: OpenedFile): Promise<void> {
		const taken: LeftFile = { as: undefined, isToCompare: false };
		this.#put(path, taken);
		const isDurable = !isDirty && (this.#isTrusted || isSynced);
		if (isDurable && file.failure === undefined) {
			// If it was opened and changed meanwhile, another entry is in the place of this one.
			taken.as = await this.#asItIs(path, file);
		}
	}

	#adopt(record: readonly ClosedPartition[] | undefined): void {
		if (record === undefined) {
			this.#changes.note(RECORD_FILE, "content");
			this.#changes.tell();
			return;
		}
		this.#foundRecord = true;
		for (const { name, isWhole, files } of record) {
			this.#partitions.set(name, {
				isWhole,
				isToCompare: true,
				files: new Map(
					files.map(([file, as]) => [file, { as, isToCompare: true }]),
				),
			});
		}
	}

	#known(path: string): LeftFile | undefined {
		const { partition, name } = splitPath(path);
		return this.#partitions.get(partition)?.files.get(name);
	}

	/** Files that were changed last come last. */
	#put(path: string, file: LeftFile): void {
		if (this.#isReadOnly) {
			return;
		}
		const { partition, name } = splitPath(path);
		const known = this.#partitions.get(partition) ?? {
			isWhole: false,
			isToCompare: false,
			files: new Map<string, LeftFile>(),
		};
		known.files.delete(name);
		known.files.set(name, file);
		this.#partitions.set(partition, known);
	}

	#appeared(path: string): void {
		const { partition } = splitPath(path);
		const known = this.#partitions.get(partition);
		if (known?.isWhole && known.isToCompare) {
			this.#changes.note(path, "new");
		}
		this.created(path);
	}

	#compareNames(partition: string, names: readonly string[]): void {
		const known = this.#partitions.get(partition);
		if (known === undefined) {
			return;
		}
		const { files, isWhole, isToCompare } = known;
		known.isToCompare = false;
		const there = new Set(names);
		for (const [name, file] of files) {
			if (!there.has(name)) {
				files.delete(name);
				if (file.isToCompare) {
					this.#changes.note(`${partition}/${name}`, "missing");
				}
			}
		}
		for (const name of isWhole && isToCompare ? names : []) {
			if (!files.has(name)) {
				this.#changes.note(`${partition}/${name}`, "new");
			}
		}
	}

	/**
	 * Compares the size at once, and the last bytes at once or when they are read. Unreadable bytes
	 * count as changed.
	 */
	#compare(
		known: LeftFile,
		path: string,
		file: LatchedFile,
		isLater: boolean,
	): Awaitable<void> {
		const { as } = known;
		const differ = (what: OutsideChange["what"]) => {
			known.as = undefined;
			this.#changes.note(path, what);
		};
		const take = (bytes: Uint8Array | undefined) => {
			if (bytes === undefined || !isHexOf(as?.end, bytes)) {
				differ("content");
			}
		};
		if (as !== undefined && as.size !== file.size()) {
			differ("size");
		} else if (as !== undefined && isLater) {
			file.expectEnd((bytes) => {
				take(bytes);
				this.#changes.tell();
			});
		} else if (as !== undefined) {
			return file.lastBytes().then(take, () => take(undefined));
		}
		return undefined;
	}

	async #asItIs(
		path: string,
		file: LatchedFile,
	): Promise<ClosedFile | undefined> {
		const message = `read failed: ${path}`;
		const end = await failingAs("ERR_READ_FAILED", message, { path }, () =>
			file.lastBytes(),
		);
		return end && { size: file.size(), end: hex(end) };
	}

	/**
	 * Beside a writer of dualslot, or after one, a reader cannot tell its changes from those of
	 * others.
	 */
	#confirm(): Awaitable<void> {
		if (this.#isReadOnly && this.#changes.areNew) {
			return this.#forgetUnlessLast();
		}
		this.#changes.tell();
		return undefined;
	}

	async #forgetUnlessLast(): Promise<void> {
		if (!(await this.#isStillLast())) {
			this.#partitions.clear();
			this.#changes.clear();
		}
		this.#changes.tell();
	}

	async #isStillLast(): Promise<boolean> {
		const marker = await this.#host.open(MARKER_FILE, "read");
		await marker?.close();
		const { content } = (await this.#file.read()) ?? {};
		const isSame =
			content !== undefined &&
			this.#found !== undefined &&
			this.#file.is(content, this.#found);
		return isSame && marker === undefined;
	}
}

/**
 * The record to be written, at most FILES_MAX files: in the largest partition those changed longest
 * ago are left out.
 */
function closedPartitions(
	partitions: readonly (readonly [string, LeftPartition])[],
): ClosedPartition[] {
	const closed = partitions.map(([name, { isWhole, files }]) => ({
		name,
		isWhole,
		files: [...files].map(([file, { as }]) => [file, as] as const),
	}));
	let count = closed.reduce((sum, { files }) => sum + files.length, 0);
	while (count > FILES_MAX) {
		const largest = closed.reduce((one, other) =>
			other.files.length > one.files.length ? other : one,
		);
		const excess = Math.min(count - FILES_MAX, largest.files.length);
		largest.files = largest.files.slice(excess);
		largest.isWhole = false;
		count -= excess;
	}
	return closed.filter(({ isWhole, files }) => isWhole || files.length > 0);
}
