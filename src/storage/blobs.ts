import { HEADER_SIZE } from "../../assembly/format.ts";
import {
	type ErrorPlace,
	failingAs,
	isStorageError,
	StorageError,
} from "../errors.ts";
import type { Observer } from "../host/observer.ts";
import { endingIfFailed } from "../turns/endings.ts";
import type { BlobHeader, VersionRange } from "./blob-header.ts";
import type { OpenFile, OpenFiles } from "./open-files.ts";
import type { StoreConfig } from "./own-files/config.ts";
import { blobMissing, type Partitions } from "./partitions.ts";

/** The parts that open and remove a store's blobs. */
export interface BlobParts {
	readonly files: OpenFiles;
	readonly partitions: Partitions;
	readonly header: BlobHeader;
	readonly config: StoreConfig;
	readonly hasMetadata: boolean;
	readonly readOnly: boolean;
}

/** A blob's file, and the version in its header. */
export interface OpenedBlob {
	readonly open: OpenFile;
	readonly version: number;
}

/** The files of a store's blobs. Callers hold the store's mutex. */
export class Blobs {
	readonly #parts: BlobParts;

	constructor(parts: BlobParts) {
		this.#parts = parts;
	}

	/** Opens a blob's file, and makes it where it is missing: durable when this resolves. */
	async open(
		partition: string,
		hexName: string,
		versions: VersionRange,
		observer: Observer,
	): Promise<OpenedBlob> {
		const { files, partitions, header, readOnly } = this.#parts;
		const [, version] = versions;
		const named = { partition, blob: hexName };
		const open = await this.#openFile(named, version, observer);
		const place = { path: open.path, partition, blob: hexName };
		const read = async () => {
			if (!readOnly) {
				await partitions.adopt(partition);
			}
			const version = await failingAs(
				"ERR_READ_FAILED",
				`read failed: ${open.path}`,
				place,
				() => header.read(open, versions, place),
			);
			return { open, version };
		};
		return endingIfFailed(read, () => files.release(open));
	}

	async remove(partition: string, hexName: string): Promise<void> {
		const { files, partitions } = this.#parts;
		const path = `${partition}/${hexName}`;
		await files.beforeRemoval(path);
		await partitions.removeBlob(partition, hexName);
		files.forget(path);
	}

	async removePartition(partition: string): Promise<void> {
		const { files, partitions, config, hasMetadata } = this.#parts;
		await files.beforeRemoval(partition);
		await partitions.removePartition(partition);
		files.forgetUnder(partition);
		if (hasMetadata) {
			await config.delete(partition);
		}
	}

	async #openFile(
		{ partition, blob: hexName }: { partition: string; blob: string },
		version: number,
		observer: Observer,
	): Promise<OpenFile> {
		const { files, partitions, header, readOnly } = this.#parts;
		const path = `${partition}/${hexName}`;
		const open = await this.#acquire(partition, path);
		const isWhole = open !== undefined && open.file.size() >= HEADER_SIZE;
		if (open !== undefined && (isWhole || readOnly)) {
			return open;
		}
		if (readOnly) {
			throw blobMissing(partition, hexName);
		}
		if (open !== undefined) {
			await files.beforeRemoval(path);
			await files.release(open);
			files.forget(path);
		}
		await this.#forgetConfigOfMissing(partition);
		await partitions.create(partition, path, header.encode(version));
		const created = await this.#acquire(partition, path);
		if (created === undefined) {
			throw blobMissing(partition, hexName);
		}
		if (open !== undefined) {
			const bytes = open.file.size();
			observer.event({
				kind: "blob-recreated",
				partition,
				blob: hexName,
				bytes,
			});
		}
		return created;
	}

	async #acquire(
		partition: string,
		path: string,
	): Promise<OpenFile | undefined> {
		const { files, partitions, config, readOnly } = this.#parts;
		try {
			const mode = readOnly ? "read" : "write";
			return await files.acquire(path, mode, config.readsEnds(partition));
		} catch (cause) {
			if (!readOnly) {
				// A wrong entry in the partition's place is the partition's failure, not the blob's.
				await partitions.make(partition);
			}
			if (isStorageError(cause)) {
				throw cause;
			}
			const place: ErrorPlace = { path, partition };
			const message = `blob open failed: ${path}`;
			throw new StorageError("ERR_BLOB_OPEN_FAILED", message, place, cause);
		}
	}

	/** A crash during the partition's removal may have left its entry in dualslot.json. */
	async #forgetConfigOfMissing(partition: string): Promise<void> {
		const { config, partitions } = this.#parts;
		const isKnown = config.get(partition) !== undefined;
		if (isKnown && !(await partitions.has(partition))) {
			await config.delete(partition);
		}
	}
}
