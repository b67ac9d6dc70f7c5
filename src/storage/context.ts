import type { Arena } from "../core/arena.ts";
import type { Core } from "../core/core.ts";
import type { StoreMemory } from "../core/memory.ts";
import type { StorageError } from "../errors.ts";
import type { MeteredHost } from "../host/metering.ts";
import type { Observer } from "../host/observer.ts";
import { openForReading } from "../refusals.ts";
import { endingWith } from "../turns/endings.ts";
import { Mutex } from "../turns/mutex.ts";
import { FileBlob } from "./blob.ts";
import { BlobHeader, type VersionRange } from "./blob-header.ts";
import { Blobs } from "./blobs.ts";
import { IdleFiles } from "./idle-files.ts";
import { type BlobName, blobFileName } from "./names.ts";
import type { StorageParts } from "./open.ts";
import { type OpenFile, OpenFiles } from "./open-files.ts";
import type { StoreConfig } from "./own-files/config.ts";
import { CutCopies } from "./own-files/cut.ts";
import type { ImportMark } from "./own-files/import-mark.ts";
import type { LeftFiles } from "./own-files/left-files.ts";
import type { OpenMarker } from "./own-files/marker.ts";
import type { PartitionConfig } from "./own-files/partition-config.ts";
import { type Owner, Owners } from "./owners.ts";
import { Partitions } from "./partitions.ts";
import type { StoreOwner } from "./recovery.ts";
import { type Handle, StoreEnd } from "./store-end.ts";
import type { ZerosBudget } from "./zeros-budget.ts";

const UNVERSIONED: VersionRange = [0, 0];

/**
 * An open store, as the engine's parts see it. Changes of names run one at a time, and are durable
 * when they resolve.
 */
export class StoreContext {
	readonly host: MeteredHost;
	/** Which blobs a crash may have left with a hole. */
	readonly marker: OpenMarker;
	/** The files as the last clean close left them. */
	readonly left: LeftFiles;
	/** The mark of the import that fills the store. */
	readonly mark: ImportMark;
	/** The contents of dualslot.json. */
	readonly config: StoreConfig;
	readonly readOnly: boolean;
	/** Whether the store keeps files of dualslot's own. */
	readonly hasMetadata: boolean;
	/** Whether cut bytes are overwritten with zeros. */
	readonly erases: boolean;
	readonly foundCrash: boolean;
	readonly owner: StoreOwner;
	/** Is told of the store, where an open in it gives no observer of its own. */
	readonly observer: Observer;
	/** The owners of open partitions and blobs. */
	readonly owners: Owners;
	/** Copies of the bytes that recovery has cut. */
	readonly cutCopies: CutCopies;
	readonly partitions: Partitions;
	readonly files: OpenFiles;
	readonly idleFiles: IdleFiles;
	/** For zeros ahead of files; undefined where none are written. */
	readonly zeros: ZerosBudget | undefined;
	/** Handles that must end before the store does. */
	readonly handles = new Set<Handle>();
	readonly blobs: Blobs;
	readonly #turn = new Mutex();
	readonly #core: Core;
	readonly #memory: StoreMemory;
	readonly #end: StoreEnd;
	/** Set when an import failed and could not empty the store. */
	#halfImported: StorageError | undefined;

	constructor(parts: StorageParts) {
		this.#core = parts.core;
		this.#memory = parts.memory;
		this.marker = parts.marker;
		this.left = parts.left;
		this.readOnly = parts.readOnly;
		this.erases = parts.erases;
		this.owner = parts.owner;
		this.foundCrash = parts.foundCrash;
		this.observer = parts.observer;
		this.idleFiles = new IdleFiles(parts.observer);
		this.host = parts.host;
		this.config = parts.config;
		this.mark = parts.mark;
		this.hasMetadata = parts.hasMetadata;
		this.partitions = new Partitions(parts.host, parts.left);
		this.zeros = parts.zeros;
		this.files = new OpenFiles(parts.host, parts.left, parts.zeros);
		this.blobs = new Blobs({
			files: this.files,
			partitions: this.partitions,
			config: parts.config,
			hasMetadata: parts.hasMetadata,
			header: new BlobHeader(parts.core, parts.memory.arena),
			readOnly: this.readOnly,
		});
		this.cutCopies = new CutCopies({
			host: parts.host,
			isKeeping: parts.hasMetadata && !this.readOnly,
			exclusively: (body) => this.exclusively(body),
		});
		this.owners = new Owners(this.readOnly, () => this.refuseIfClosed());
		this.#end = new StoreEnd({
			...parts,
			owners: this.owners,
			partitions: this.partitions,
			handles: this.handles,
			turn: this.#turn,
			isHalfImported: () => this.#halfImported !== undefined,
		});
	}

	/** Throws ERR_CLOSED once the store has ended: its memory may be another store's by then. */
	get core(): Core {
		this.#end.refuseIfOver();
		return this.#core;
	}

	/** Throws as `core`. */
	get memory(): StoreMemory {
		this.#end.refuseIfOver();
		return this.#memory;
	}

	/** Linear memory that is not reserved for reads. */
	get arena(): Arena {
		return this.memory.arena;
	}

	/** Whether anything of the store is open. */
	get isInUse(): boolean {
		return this.handles.size > 0 || !this.owners.areNone;
	}

	/**
	 * Opens a blob for an owner, and makes it where it is missing. Callers hold the store's mutex.
	 */
	async openBlob(
		partition: string,
		hexName: string,
		versions: VersionRange,
		owner: Owner,
	): Promise<FileBlob> {
		const { open, version } = await this.blobs.open(
			partition,
			hexName,
			versions,
			owner.observer,
		);
		const { readOnly } = this;
		const release = async (file: OpenFile) => {
			this.unregister(blob);
			await endingWith(
				() => this.files.release(file),
				() => owner.release(),
			);
		};
		const origin = { partition, hexName, version, readOnly, owner, release };
		const blob = new FileBlob(origin, open);
		return blob;
	}

	/** Opens a blob of an owned partition. The owner closes it, not the store. */
	async openOwned(
		owner: Owner,
		partition: string,
		name: BlobName,
	): Promise<FileBlob> {
		const hexName = blobFileName(name);
		// The blobs of an owned partition are sections.
		const observer = owner.observer.inSection(BigInt(`0x${hexName}`));
		const part = this.owners.within(owner.what, observer);
		const open = () =>
			this.exclusively(() =>
				this.openBlob(partition, hexName, UNVERSIONED, part),
			);
		return owner.during(() => this.idleFiles.opening(open));
	}

	/**
	 * The files of a partition's blobs, in ascending order of their names. Throws
	 * ERR_PARTITION_MISSING, ERR_PARTITION_CORRUPT.
	 */
	scan(partition: string): Promise<string[]> {
		return this.exclusively(() => this.partitions.scan(partition));
	}

	/** Removes an owned partition, or a blob of it, durably. Copies of cut bytes stay. */
	async removeOwned(
		owner: Owner,
		partition: string,
		name?: Uint8Array,
	): Promise<void> {
		const hexName = name === undefined ? undefined : blobFileName(name);
		await owner.during(() => this.remove(partition, hexName));
	}

	/** As `StoreEnd.close`. */
	close(): Promise<void> {
		return this.#end.close();
	}

	/** As `StoreEnd.drop`. */
	drop(): Promise<void> {
		return this.#end.drop();
	}

	/** Throws ERR_CLOSED as soon as the store is being closed or dropped. */
	refuseIfClosed(): void {
		this.#end.refuseIfBegun();
	}

	/** Removes a blob, or a whole partition, durably. Throws ERR_READ_ONLY. */
	async remove(partition: string, hexName?: string): Promise<void> {
		await this.exclusively(async () => {
			this.refuseIfReadOnly();
			await (hexName === undefined
				? this.blobs.removePartition(partition)
				: this.blobs.remove(partition, hexName));
			if (hexName !== undefined) {
				this.marker.settle(`${partition}/${hexName}`);
			}
		});
	}

	/** The store's end also ends the handle, until it is unregistered. */
	register(handle: Handle): void {
		this.handles.add(handle);
	}

	unregister(handle: Handle): void {
		this.handles.delete(handle);
	}

	/** Makes the names in a partition durable: a writer may have died before they were. */
	async adoptNames(partition: string): Promise<void> {
		await this.exclusively(async () => {
			if (await this.partitions.has(partition)) {
				await this.partitions.adopt(partition);
			}
		});
	}

	/**
	 * Returns whether the partition is known. Throws ERR_CONFIG when it is known to hold something
	 * else.
	 */
	checkConfig(partition: string, config: PartitionConfig): boolean {
		return this.config.check(partition, config);
	}

	/** Records durably what a partition holds, before the first byte of that is written. */
	async configure(partition: string, config: PartitionConfig): Promise<void> {
		if (this.hasMetadata && !this.readOnly) {
			await this.exclusively(async () => {
				if (!this.config.check(partition, config)) {
					await this.config.set(partition, config);
				}
			});
		}
	}

	/** An import failed and could not empty the store: every later call fails with its error. */
	refuseAll(error: StorageError): void {
		this.#halfImported = error;
	}

	/**
	 * Runs `body` with the store's mutex held. Throws ERR_CLOSED, and the error of an import left
	 * half done.
	 */
	async exclusively<T>(body: () => Promise<T>): Promise<T> {
		this.refuseIfClosed();
		if (this.#halfImported !== undefined) {
			throw this.#halfImported;
		}
		return this.#turn.run(body);
	}

	/** Throws ERR_READ_ONLY. */
	refuseIfReadOnly(): void {
		if (this.readOnly) {
			const path = this.host.location;
			throw openForReading(path, { path });
		}
	}
}
