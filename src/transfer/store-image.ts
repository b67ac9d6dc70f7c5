import type { Core } from "../core/core.ts";
import type { StoreMemory } from "../core/memory.ts";
import { failingAs } from "../errors.ts";
import type { Host } from "../host/host.ts";
import {
	isLinkedPartition,
	linkedPartition,
} from "../storage/linked-partition.ts";
import { isPartitionName } from "../storage/names.ts";
import type { StoreConfig } from "../storage/own-files/config.ts";
import { CONFIG_FILE } from "../storage/own-files/config-content.ts";
import { MARKER_FILE, type OpenMarker } from "../storage/own-files/marker.ts";
import type { Partitions } from "../storage/partitions.ts";
import type { Handle } from "../storage/store-end.ts";
import { type Quiescent, whileStill } from "../turns/stillness.ts";
import { Snapshot, type SnapshotSource } from "./frozen-files.ts";

/** What an export needs of its store. */
export interface ExportSource extends SnapshotSource {
	readonly host: Host;
	readonly core: Core;
	readonly memory: StoreMemory;
	readonly partitions: Partitions;
	readonly config: StoreConfig;
	readonly marker: OpenMarker;
	/** The open handles, which are held still and end before the store. */
	readonly handles: Set<Handle>;
}

/** The store at one moment. */
export interface StoreImage {
	/** The store's own files, by name. */
	readonly own: ReadonlyMap<string, Uint8Array>;
	/** Ascending, with the paths of its blobs, ascending. */
	readonly partitions: ReadonlyMap<string, readonly string[]>;
	readonly snapshot: Snapshot;
}

/** Syncs the store and takes an image of it. Changes wait while its names are listed. */
export async function takeImage(source: ExportSource): Promise<StoreImage> {
	for (;;) {
		const held = toHold(source);
		const image = await whileStill(held, () =>
			source.exclusively(async () => {
				// Handles opened meanwhile may hold unsynced bytes.
				const isAll = toHold(source).every((one) => held.includes(one));
				return isAll ? listed(source) : undefined;
			}),
		);
		if (image !== undefined) {
			return image;
		}
	}
}

function toHold({ handles, readOnly }: ExportSource): Quiescent[] {
	return readOnly ? [] : [...handles].filter(isQuiescent);
}

function isQuiescent(handle: Handle): handle is Handle & Quiescent {
	return handle.quiesce !== undefined;
}

/** With the store's turn, so that no name comes or goes. */
async function listed(source: ExportSource): Promise<StoreImage> {
	const path = source.host.location;
	return failingAs("ERR_IO", `${path} was not listed`, { path }, async () => {
		const partitions = new Map<string, readonly string[]>();
		for (const partition of await partitionsIn(source.host)) {
			const blobs = await source.partitions.scan(partition);
			const paths = blobs.map((blob) => `${partition}/${blob}`);
			partitions.set(partition, paths);
		}
		const own = await ownFiles(source, partitions);
		const paths = [...partitions.values()].flat();
		return { own, partitions, snapshot: new Snapshot(source, paths) };
	});
}

/** Throws ERR_PARTITION_CORRUPT for a link in a partition's place, as an open of it does. */
async function partitionsIn(host: Host): Promise<string[]> {
	const entries = (await host.list("")) ?? [];
	const link = entries.find(isLinkedPartition);
	if (link?.name !== undefined) {
		throw linkedPartition(link.name);
	}
	const names = entries.flatMap(({ name, kind }) =>
		kind === "directory" && name !== undefined && isPartitionName(name)
			? name
			: [],
	);
	return names.sort();
}

/**
 * The own files that a clean close would leave: what each partition holds, and which blobs are owed
 * a look.
 */
async function ownFiles(
	{ config, marker }: ExportSource,
	partitions: StoreImage["partitions"],
): Promise<Map<string, Uint8Array>> {
	const own = new Map<string, Uint8Array>();
	const configured = await config.bytes();
	if (configured !== undefined) {
		own.set(CONFIG_FILE, configured);
	}
	const paged = config.pagedPartitions().flatMap((partition) => {
		return partitions.get(partition) ?? [];
	});
	const owed = marker.bytesFor(paged);
	if (owed !== undefined) {
		own.set(MARKER_FILE, owed);
	}
	return own;
}
