import { isStorageError, StorageError } from "../../errors.ts";
import { TEMPORARY_FILE } from "../../host/durable-file.ts";
import type { Host } from "../../host/host.ts";
import { isPartitionName } from "../names.ts";
import { CHANGES_FILE } from "./change-log.ts";
import { CONFIG_FILE } from "./config-content.ts";
import { FIRST_VERSION, type OpenMarker } from "./marker.ts";
import {
	OwnFile,
	type OwnFileKind,
	type OwnFinding,
	type TextChecksum,
} from "./own-file.ts";

const IMPORT_FILE = "dualslot.import";
const KIND: OwnFileKind = { path: IMPORT_FILE, format: 2 };
/** Removed with the partitions when a store is emptied. */
const TOLD_OF_PARTITIONS = [CONFIG_FILE, CHANGES_FILE];

/** The state of a store where an import has left its mark. */
export interface MarkedStore {
	readonly marker: OpenMarker;
	/** Whether dualslot.json knows of no partition. */
	readonly isUnknown: () => Promise<boolean>;
}

/**
 * `dualslot.import` is there, durably, from before an import's first file until after its last one.
 * It names the import, and so does the marker. A store is part of an import only where both agree;
 * the file's presence alone is not enough.
 */
export class ImportMark {
	readonly #host: Host;
	readonly #file: OwnFile;

	constructor(host: Host, checksum: TextChecksum) {
		this.#host = host;
		this.#file = new OwnFile(host, checksum, KIND);
	}

	/**
	 * Durable when it resolves; replaces an older mark. In a store without a marker no marker names
	 * the import.
	 */
	async make(name: string, hasMarker: boolean): Promise<void> {
		await this.#file.write({ import: name, marker: hasMarker });
	}

	/** Says that the import has ended: durable when it resolves. */
	async remove(): Promise<void> {
		await this.#file.removeDurably();
	}

	/**
	 * Throws ERR_IMPORT_INCOMPLETE where an import did not end, or is under way by a live owner;
	 * ERR_CONFIG where the mark cannot be trusted, or is another store's; ERR_VERSION.
	 */
	async refuseIfLeft(store: MarkedStore, hasOwner: boolean): Promise<void> {
		if (await this.#isLeft(store)) {
			throw hasOwner ? importing(this.#host) : halfImported(this.#host);
		}
	}

	/**
	 * Empties a store whose import did not end, durably. Returns false for any other store. Throws
	 * ERR_CONFIG and ERR_VERSION before any change.
	 */
	async emptyIfLeft(store: MarkedStore): Promise<boolean> {
		const isLeft = await this.#isLeft(store);
		if (isLeft) {
			await this.empty();
		}
		return isLeft;
	}

	/** Durably removes all that the store holds, which is part of an import. The mark goes last. */
	async empty(): Promise<void> {
		const host = this.#host;
		for (const { name, kind } of (await host.list("")) ?? []) {
			const isPartition = kind === "directory" && isPartitionName(name ?? "");
			if (isPartition || TOLD_OF_PARTITIONS.includes(name ?? "")) {
				await host.remove(name ?? "");
			}
		}
		await host.remove(TEMPORARY_FILE);
		await host.syncDirectory("");
		await this.remove();
	}

	async #isLeft({ marker, isUnknown }: MarkedStore): Promise<boolean> {
		const found = await this.#file.read();
		if (found === undefined) {
			return false;
		}
		const { name, hasMarker } = saidBy(found);
		const isLeft = hasMarker ? marker.importing === name : await isUnknown();
		if (!isLeft) {
			throw untrusted("the store counts as whole");
		}
		return true;
	}
}

/** Whether a failed import has left a part of it. */
export function isHalfImported(error: unknown): error is StorageError {
	return isStorageError(error) && error.code === "ERR_IMPORT_INCOMPLETE";
}

export function halfImported(host: Host, cause?: unknown): StorageError {
	return new StorageError(
		"ERR_IMPORT_INCOMPLETE",
		`${host.location} holds a part of an import that did not end; the next open to write empties it`,
		{ path: IMPORT_FILE },
		cause,
	);
}

function importing(host: Host): StorageError {
	return new StorageError(
		"ERR_IMPORT_INCOMPLETE",
		`an import into ${host.location} is under way; the store can be read when that has ended`,
		{ path: IMPORT_FILE },
	);
}

/** The import's name, and whether the marker names it too. The first version's file was empty. */
function saidBy({ bytes, content, damage }: OwnFinding) {
	if (bytes.length === 0) {
		return { name: FIRST_VERSION, hasMarker: true };
	}
	const { import: name, marker: hasMarker } = content ?? {};
	if (typeof name !== "string" || typeof hasMarker !== "boolean") {
		throw untrusted(damage ?? "it names no import");
	}
	return { name, hasMarker };
}

function untrusted(reason: string): StorageError {
	return new StorageError(
		"ERR_CONFIG",
		`${IMPORT_FILE} cannot be trusted: ${reason}. If the data is known to be good, remove the file; if it is a part of an import, remove all of the store`,
		{ path: IMPORT_FILE },
	);
}
