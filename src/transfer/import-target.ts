import { StorageError } from "../errors.ts";
import { TEMPORARY_FILE } from "../host/durable-file.ts";
import type { Host } from "../host/host.ts";
import {
	isLinkedPartition,
	linkedPartition,
} from "../storage/linked-partition.ts";
import { CHANGES_FILE } from "../storage/own-files/change-log.ts";
import { RECORD_FILE } from "../storage/own-files/close-record.ts";
import type { StoreConfig } from "../storage/own-files/config.ts";
import { CONFIG_FILE } from "../storage/own-files/config-content.ts";
import type { ImportMark } from "../storage/own-files/import-mark.ts";
import type { LeftFiles } from "../storage/own-files/left-files.ts";
import { MARKER_FILE, type OpenMarker } from "../storage/own-files/marker.ts";

/** What an import needs of its store, whose turn it has. */
export interface ImportTarget {
	readonly host: Host;
	readonly config: StoreConfig;
	readonly marker: OpenMarker;
	readonly mark: ImportMark;
	readonly left: LeftFiles;
	readonly hasMetadata: boolean;
	/** Whether anything of the store is open. */
	readonly isInUse: boolean;
}

/** Own files that are written when all else is durable. */
export const IS_TAKEN_LAST: ReadonlySet<string> = new Set([
	CONFIG_FILE,
	CHANGES_FILE,
	MARKER_FILE,
]);

/** The store's own files that tell nothing about the imported data. */
const TELLS_NOTHING: readonly string[] = [TEMPORARY_FILE, RECORD_FILE];
const CUT_DIRECTORY = /^dualslot\.cut(\/|$)/;

/** Whether an import takes nothing of a path, and may find it in an empty store. */
export function isLeftOut(path: string): boolean {
	return CUT_DIRECTORY.test(path) || TELLS_NOTHING.includes(path);
}

/** Throws ERR_NOT_EMPTY, or ERR_PARTITION_CORRUPT for a partition that is a link. */
export async function refuseUnlessEmpty(target: ImportTarget): Promise<void> {
	const { host, config, isInUse } = target;
	const entries = (await host.list("")) ?? [];
	const other = entries.find(
		({ name = "" }) => !IS_TAKEN_LAST.has(name) && !isLeftOut(name),
	);
	if (other?.name !== undefined && isLinkedPartition(other)) {
		throw linkedPartition(other.name);
	}
	if (isInUse || other !== undefined || !config.isEmpty) {
		const path = host.location;
		const reason = isInUse ? "has something open" : "is not empty";
		throw new StorageError(
			"ERR_NOT_EMPTY",
			`nothing can be imported into ${path}: it ${reason}`,
			{ path, ...(other?.name !== undefined && { found: other.name }) },
		);
	}
}
