// Whoever is compiled without these types still gets ours, which name them.
/// <reference lib="esnext.disposable" preserve="true" />

import { checkText } from "../checks.ts";
import type { Arena } from "../core/arena.ts";
import type { Core } from "../core/core.ts";
import type { StoreMemory } from "../core/memory.ts";
import { failingAs, StorageError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import type { MeteredHost, StorageStats } from "../host/metering.ts";
import { StoreExport } from "../transfer/export.ts";
import { checkImport, StoreImport } from "../transfer/import.ts";
import type { TransferOptions, TransferResult } from "../transfer/progress.ts";
import { endingAll, endingWith } from "../turns/endings.ts";
import { type Held, letGo } from "../turns/lifecycle.ts";
import { Mutex } from "../turns/mutex.ts";
import type { Quiescent } from "../turns/stillness.ts";
import { FileBlob, type StorageBlob } from "./blob.ts";
import { BlobHeader, checkVersions, type VersionRange } from "./blob-header.ts";
import { Blobs, type OpenedBlob } from "./blobs.ts";
import {
	type BlobName,
	blobFileName,
	blobNameOf,
	checkPartitionName,
} from "./names.ts";
import { openParts, type StorageParts } from "./open.ts";
import { type OpenFile, OpenFiles } from "./open-files.ts";
import type { StorageOptions } from "./options.ts";
import type { StoreConfig } from "./own-files/config.ts";
import {
	CutCopies,
	type CutCopy,
	isCutOf,
	keepsCut,
	type RemoveOptions,
} from "./own-files/cut.ts";
import { type ImportMark, isHalfImported } from "./own-files/import-mark.ts";
import type { LeftFiles } from "./own-files/left-files.ts";
import type { OpenMarker } from "./own-files/marker.ts";
import type { PartitionConfig } from "./own-files/partition-config.ts";
import { type Owner, Owners } from "./owners.ts";
import { Partitions } from "./partitions.ts";
import type { StorageRecovery } from "./recovery.ts";

export interface BlobOptions {
	/** The application versions that are understood, lowest and highest. A new blob gets the highest. [0, 0] by default. */
	readonly versions?: VersionRange;
}

/** Whatever a store has to end before it can close, or hold still before it can be exported. */
export interface Handle extends Partial<Quiescent> {
	close(): Promise<void>;
	drop(): Promise<void>;
}

/**
 * A directory of partitions of named blobs: commonware's `Storage`, over any host. Opening, removing and scanning take
 * turns, and are durable when they resolve.
 */
export class Storage implements AsyncDisposable {
	/** The one that the store was opened over. `stats` does not count what anyone else asks of it. */
	readonly host: Host;
	/** Engine's use: which blobs a crash may have left with a hole. */
	readonly marker: OpenMarker;
	/** Engine's use: what others have changed since the last clean close. */
	readonly left: LeftFiles;
	readonly readOnly: boolean;
	/** Engine's use: whether what is cut is erased. */
	readonly erases: boolean;
	readonly #foundCrash: boolean;
	/** Engine's use: who has what of this store. */
	readonly owners: Owners;
	/** Engine's use: what recovery has cut. */
	readonly cutCopies: CutCopies;
	readonly #host: MeteredHost;
	readonly #config: StoreConfig;
	readonly #mark: ImportMark;
	readonly #hasMetadata: boolean;
	readonly #held: Held;
	readonly #partitions: Partitions;
	readonly #files: OpenFiles;
	readonly #blobs: Blobs;
	readonly #handles = new Set<Handle>();
	readonly #turn = new Mutex();
	readonly #core: Core;
	readonly #memory: StoreMemory;
	/** Set once by close or drop. */
	#ending: Promise<void> | undefined;
	/** Set before the memory and the lock go back. */
	#isOver = false;
	/** Set by an import that failed, and could not leave the store empty. */
	#halfImported: StorageError | undefined;

	private constructor(host: Host, parts: StorageParts) {
		this.host = host;
		this.#core = parts.core;
		this.#memory = parts.memory;
		this.marker = parts.marker;
		this.left = parts.left;
		this.readOnly = parts.readOnly;
		this.erases = parts.erases;
		this.#foundCrash = parts.marker.foundCrash;
		this.#host = parts.host;
		this.#config = parts.config;
		this.#mark = parts.mark;
		this.#hasMetadata = parts.hasMetadata;
		this.#held = parts.held;
		this.#partitions = new Partitions(parts.host, parts.left);
		this.#files = new OpenFiles(parts.host, parts.left);
		this.#blobs = new Blobs({
			...{ files: this.#files, partitions: this.#partitions },
			...{ config: parts.config, hasMetadata: parts.hasMetadata },
			header: new BlobHeader(parts.core, this.arena),
			readOnly: this.readOnly,
		});
		this.cutCopies = new CutCopies({
			host: parts.host,
			isKeeping: parts.hasMetadata && !this.readOnly,
			exclusively: (body) => this.#exclusively(body),
		});
		this.owners = new Owners(this.readOnly, () => this.refuseIfClosed());
	}

	/** Engine's use. Throws ERR_CLOSED once the store has ended: whoever has waited finds its memory to be another one's. */
	get core(): Core {
		this.#refuseIfOver();
		return this.#core;
	}

	/** Engine's use, as the core. */
	get memory(): StoreMemory {
		this.#refuseIfOver();
		return this.#memory;
	}

	/** What opening found, and what has been found since: a copy, which stays as it is. */
	get recovery(): StorageRecovery {
		return { foundCrash: this.#foundCrash, ...this.left.report };
	}

	/** Engine's use: linear memory that is not kept for reads. */
	get arena(): Arena {
		return this.memory.arena;
	}

	/**
	 * Opens, and makes where it is missing, the store that a host holds. Throws ERR_LOCKED while another owner has it,
	 * ERR_CONFIG when dualslot.json cannot be trusted, ERR_UNSUPPORTED where the platform lacks what is needed.
	 */
	static async open(
		host: Host,
		options: StorageOptions = {},
	): Promise<Storage> {
		return new Storage(host, await openParts(host, options));
	}

	/**
	 * Opens a blob, and makes it where it is missing: durable when this resolves. A file shorter than a header is one
	 * whose creation was torn, and is made anew. Throws ERR_BLOB_CORRUPT for a foreign file, ERR_BLOB_VERSION_MISMATCH,
	 * and in a store that is open for reading ERR_BLOB_MISSING. Handles of one blob share it. While a paged blob or
	 * a journal has it, there is no other: ERR_IN_USE.
	 */
	async open(
		partition: string,
		name: BlobName,
		options: BlobOptions = {},
	): Promise<StorageBlob> {
		checkPartitionName(partition);
		const hexName = blobFileName(name);
		const versions = checkVersions(options.versions ?? [0, 0]);
		const place = { partition, blob: hexName };
		const owner = this.owners.owner("a blob's handle", [place], "shared");
		return this.owners.opening(owner, () =>
			this.#exclusively(async () => {
				const opened = await this.#blobs.open(partition, hexName, versions);
				const blob = this.#handle(opened, partition, hexName, owner);
				this.register(blob);
				return blob;
			}),
		);
	}

	/** Engine's use: as open, of a blob in a partition that is owned. Its owner ends it, and not the store. */
	async openOwned(
		owner: Owner,
		partition: string,
		name: BlobName,
	): Promise<StorageBlob> {
		const hexName = blobFileName(name);
		const part = this.owners.within(owner.what);
		return owner.during(() =>
			this.#exclusively(async () => {
				const opened = await this.#blobs.open(partition, hexName, [0, 0]);
				return this.#handle(opened, partition, hexName, part);
			}),
		);
	}

	/**
	 * Removes a blob, or a whole partition, durably; and the copies of what was cut of it before, unless they are to be kept. Open
	 * handles and paged blobs go on reading what they could read before. Throws ERR_IN_USE where a journal has the partition.
	 */
	async remove(
		partition: string,
		name?: BlobName,
		options: RemoveOptions = {},
	): Promise<void> {
		checkPartitionName(partition);
		const hexName = name === undefined ? undefined : blobFileName(name);
		const keepCut = keepsCut(options);
		const blob = hexName === undefined ? {} : { blob: hexName };
		await this.owners.removing({ partition, ...blob }, async () => {
			this.#refuseIfReadOnly();
			if (!keepCut) {
				await this.cutCopies.remove(isCutOf(partition, hexName));
			}
			await this.#remove(partition, hexName);
		});
	}

	/** Engine's use: as remove, in a partition that is owned; copies stay. */
	async removeOwned(
		owner: Owner,
		partition: string,
		name?: Uint8Array,
	): Promise<void> {
		const hexName = name === undefined ? undefined : blobFileName(name);
		await owner.during(() => this.#remove(partition, hexName));
	}

	/** The copies of what recovery has cut of blobs and could not explain, in ascending order of their names. Throws ERR_IO. */
	async cuts(): Promise<CutCopy[]> {
		return this.cutCopies.list();
	}

	/** Removes a copy, by the name that `cuts` has for it, durably; answers whether there was one. Throws ERR_READ_ONLY, ERR_IO. */
	async removeCut(name: string): Promise<boolean> {
		checkText("a copy's name", name);
		this.#refuseIfReadOnly();
		return this.cutCopies.remove((copy) => copy.name === name);
	}

	/** The names of a partition's blobs, in ascending order of their bytes. Throws ERR_PARTITION_MISSING, ERR_PARTITION_CORRUPT. */
	async scan(partition: string): Promise<Uint8Array[]> {
		checkPartitionName(partition);
		return this.#exclusively(async () => {
			const names = await this.#partitions.scan(partition);
			return names.flatMap((name) => blobNameOf(name) ?? []);
		});
	}

	/**
	 * Writes the store as it is at one moment, all that was appended until then included, to a target, which it closes: a tar
	 * of its files, the same in every host. Appends wait while that moment is made durable, and go on while it is copied. A
	 * copy that fails, or is ended by the signal, aborts the target. Throws ERR_POISONED after a failed write or sync,
	 * ERR_MEMORY when more of the files is cut or overwritten meanwhile than can be kept.
	 */
	exportTo(
		target: WritableStream<Uint8Array>,
		options: TransferOptions = {},
	): Promise<TransferResult> {
		const source = {
			host: this.#host,
			core: this.core,
			memory: this.memory,
			files: this.#files,
			partitions: this.#partitions,
			handles: this.#handles,
			marker: this.marker,
			config: this.#config,
			readOnly: this.readOnly,
			exclusively: <T>(body: () => Promise<T>) => this.#exclusively(body),
		};
		return StoreExport.run(source, target, options);
	}

	/**
	 * Fills this store, which must be empty and have nothing open, from a tar that exportTo has made in any host. Nothing else
	 * can be opened meanwhile. Durable when it resolves; if it rejects, the store is empty as before, and so it is when
	 * opened after a crash. Throws ERR_NOT_EMPTY, and ERR_ARCHIVE for a tar that is damaged, cut short, or no store's.
	 */
	async importFrom(
		source: ReadableStream<Uint8Array>,
		options: TransferOptions = {},
	): Promise<TransferResult> {
		checkImport(source, options);
		return this.#exclusively(async () => {
			this.#refuseIfReadOnly();
			const target = {
				host: this.#host,
				config: this.#config,
				marker: this.marker,
				mark: this.#mark,
				left: this.left,
				hasMetadata: this.#hasMetadata,
				isInUse: this.#handles.size > 0 || !this.owners.areNone,
			};
			try {
				return await StoreImport.run(target, source, options);
			} catch (error) {
				if (isHalfImported(error)) {
					this.#halfImported = error;
				}
				throw error;
			}
		});
	}

	/**
	 * What this store has asked of its files since it was opened, those of its own included: a copy, which stays as it is.
	 * Handles of one blob share one open file.
	 */
	stats(): StorageStats {
		return this.#host.stats();
	}

	/**
	 * Syncs and closes every handle, removes the marker and gives the lock back. Rejects, with the first failure, when something could
	 * not be synced: all is let go even then. The marker stays then, or for want of room to remove it, for recovery to find.
	 */
	close(): Promise<void> {
		this.#ending ??= this.#close();
		return this.#ending;
	}

	/** Lets go of everything as a crash of this process would: nothing is synced, the marker stays, the lock is free. */
	drop(): Promise<void> {
		this.#ending ??= this.#drop();
		return this.#ending;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.close();
	}

	/** Engine's use: throws ERR_CLOSED as soon as the store is being closed or dropped. */
	refuseIfClosed(): void {
		if (this.#ending !== undefined) {
			throw this.#closedError();
		}
	}

	/** Engine's use: the store's end reaches the handle until it is unregistered. */
	register(handle: Handle): void {
		this.#handles.add(handle);
	}

	unregister(handle: Handle): void {
		this.#handles.delete(handle);
	}

	/** Engine's use: makes durable which blobs a partition has, in case that whoever gave or took a name has died before it was. */
	async adoptNames(partition: string): Promise<void> {
		await this.#exclusively(async () => {
			if (await this.#partitions.has(partition)) {
				await this.#partitions.adopt(partition);
			}
		});
	}

	/** Engine's use: throws ERR_CONFIG when the partition is known to hold something else; answers whether it is known. */
	checkConfig(partition: string, config: PartitionConfig): boolean {
		return this.#config.check(partition, config);
	}

	/** Engine's use: records what a partition holds, durably, before its first byte of that is written. */
	async configure(partition: string, config: PartitionConfig): Promise<void> {
		if (this.#hasMetadata && !this.readOnly) {
			await this.#exclusively(async () => {
				if (!this.#config.check(partition, config)) {
					await this.#config.set(partition, config);
				}
			});
		}
	}

	#close(): Promise<void> {
		return endingWith(
			() => this.#closeHandles(),
			() => this.#giveBack(),
		);
	}

	#drop(): Promise<void> {
		this.left.end();
		return endingWith(
			() => this.#letGo((handle) => handle.drop()),
			() => this.#giveBack(),
		);
	}

	async #closeHandles(): Promise<void> {
		await this.#letGo((handle) => handle.close());
		const isLowered = this.#hasMetadata && this.#halfImported === undefined;
		if (isLowered && !this.readOnly) {
			await failingAs("ERR_IO", "the marker was not lowered", {}, () =>
				this.#closeClean(),
			);
		}
	}

	#refuseIfOver(): void {
		if (this.#isOver) {
			throw this.#closedError();
		}
	}

	#closedError(): StorageError {
		const path = this.host.location;
		return new StorageError("ERR_CLOSED", `${path} is closed`, { path });
	}

	async #closeClean(): Promise<void> {
		await this.left.write((partition) => this.#partitions.isDurable(partition));
		await this.marker.lower(await this.#blobsOwed());
	}

	#giveBack(): Promise<void> {
		this.#isOver = true;
		const path = this.host.location;
		return failingAs("ERR_IO", `${path} was not given back`, { path }, () =>
			letGo(this.#held),
		);
	}

	async #remove(partition: string, hexName?: string): Promise<void> {
		await this.#exclusively(async () => {
			this.#refuseIfReadOnly();
			await (hexName === undefined
				? this.#blobs.removePartition(partition)
				: this.#blobs.remove(partition, hexName));
		});
	}

	#handle(
		{ open, version }: OpenedBlob,
		partition: string,
		hexName: string,
		owner: Owner,
	): FileBlob {
		const release = async (file: OpenFile) => {
			this.unregister(blob);
			await endingWith(
				() => this.#files.release(file),
				() => owner.release(),
			);
		};
		const { readOnly } = this;
		const origin = { partition, hexName, version, readOnly, owner, release };
		const blob = new FileBlob(origin, open);
		return blob;
	}

	/** The paths of all blobs that a crash before this open can have left with a hole. */
	async #blobsOwed(): Promise<string[]> {
		if (!this.marker.foundCrash) {
			return [];
		}
		const paths: string[] = [];
		for (const partition of this.#config.pagedPartitions()) {
			const entries = (await this.#host.list(partition)) ?? [];
			for (const { name } of entries) {
				paths.push(`${partition}/${name}`);
			}
		}
		return paths.filter((path) => this.marker.owes(path));
	}

	/** Ends every handle, the youngest first: what stands on another goes before it. Throws the first failure, at the end. */
	async #letGo(end: (handle: Handle) => Promise<void>): Promise<void> {
		// An open that is on its way still registers its handle, or is refused at its next step.
		await this.owners.settle();
		await this.#turn.run(async () => undefined);
		const handles = [...this.#handles].reverse();
		await endingAll(handles.map((handle) => () => end(handle)));
	}

	async #exclusively<T>(body: () => Promise<T>): Promise<T> {
		this.refuseIfClosed();
		if (this.#halfImported !== undefined) {
			throw this.#halfImported;
		}
		return this.#turn.run(body);
	}

	#refuseIfReadOnly(): void {
		if (this.readOnly) {
			const path = this.host.location;
			const message = `${path} is open for reading only`;
			throw new StorageError("ERR_READ_ONLY", message, { path });
		}
	}
}

/** Throws TypeError for what no host's `openStorage` gave. */
export function checkStorage(storage: Storage): void {
	if (typeof storage?.checkConfig !== "function") {
		throw new TypeError("a storage is one that was opened");
	}
}
