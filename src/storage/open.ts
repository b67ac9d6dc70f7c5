import { Core } from "../core/core.ts";
import { StoreMemory } from "../core/memory.ts";
import { failingAs, StorageError } from "../errors.ts";
import { TEMPORARY_FILE } from "../host/durable-file.ts";
import type { Host, LockState } from "../host/host.ts";
import { MeteredHost } from "../host/metering.ts";
import { Observer } from "../host/observer.ts";
import { type Held, holding } from "../turns/lifecycle.ts";
import { takeLock } from "./lock.ts";
import { checkStorageOptions, type StorageOptions } from "./options.ts";
import { StoreConfig } from "./own-files/config.ts";
import { ImportMark, type MarkedStore } from "./own-files/import-mark.ts";
import { LeftFiles } from "./own-files/left-files.ts";
import { OpenMarker } from "./own-files/marker.ts";
import type { TextChecksum } from "./own-files/own-file.ts";
import type { StoreOwner } from "./recovery.ts";
import { AHEAD_MAX, ZerosBudget } from "./zeros-budget.ts";

/** The parts of an open store. */
export interface StorageParts {
	readonly host: MeteredHost;
	readonly core: Core;
	readonly memory: StoreMemory;
	readonly config: StoreConfig;
	readonly marker: OpenMarker;
	readonly mark: ImportMark;
	readonly left: LeftFiles;
	readonly owner: StoreOwner;
	/** Whether the marker is that of a crash, and not that of a live owner. */
	readonly foundCrash: boolean;
	readonly hasMetadata: boolean;
	readonly readOnly: boolean;
	/** Whether cut bytes are erased. */
	readonly erases: boolean;
	readonly observer: Observer;
	/** For zeros ahead of files; undefined where none are written. */
	readonly zeros: ZerosBudget | undefined;
	/** The lock, or a reader's hold on the directory, and the core. */
	readonly held: Held;
}

interface Taken
	extends Omit<
		StorageParts,
		"config" | "marker" | "mark" | "left" | "owner" | "foundCrash"
	> {
	readonly sum: TextChecksum;
}

/** What a lock that is asked for, and not taken, says of who has the store. */
const OWNERS: Readonly<Record<LockState, StoreOwner>> = {
	held: "live",
	free: "none",
	unknown: "unknown",
};

/** Twice as much makes V8 collect garbage, for longer than all else that opening takes. */
const MEMORY_DEFAULT = 16 * 1024 * 1024;

export async function openParts(
	host: Host,
	options: StorageOptions,
): Promise<StorageParts> {
	checkStorageOptions(options);
	const path = host.location;
	const open = options.readOnly ? openToRead : openToWrite;
	return holding((held) =>
		failingAs("ERR_IO", path, { path }, () =>
			open(new MeteredHost(host), options, held),
		),
	);
}

async function openToRead(
	host: MeteredHost,
	options: StorageOptions,
	held: Held,
): Promise<StorageParts> {
	const path = host.location;
	if ((await host.list("")) === undefined) {
		throw new StorageError("ERR_IO", `${path} is no directory`, { path });
	}
	const hold = await host.hold();
	held.push({ close: async () => hold?.release() });
	const taken = await withCore(host, options, held);
	const { owner, ...left } = await readBeside(taken);
	await left.mark.refuseIfLeft(left, owner === "live");
	const { mark, marker, loadConfig } = left;
	const config = await loadConfig();
	const foundCrash = marker.foundCrash && owner !== "live";
	const files = await loadLeft(taken, marker, foundCrash);
	return { ...taken, config, marker, mark, left: files, owner, foundCrash };
}

/** The lock comes first: a refused open has taken no memory, however often it is tried. */
async function openToWrite(
	host: MeteredHost,
	options: StorageOptions,
	held: Held,
): Promise<StorageParts> {
	const made = host.makeDirectory("");
	Core.prepare();
	await made;
	const lock = await takeLock(host, options.wait ?? false);
	held.push({ close: async () => lock.release() });
	const taken = await withCore(host, options, held);
	const left = await readMarks(taken);
	if (await left.mark.emptyIfLeft(left)) {
		taken.observer.event({ kind: "import-emptied" });
	}
	const config = await left.loadConfig();
	const marker = await raised(taken, left);
	if (taken.hasMetadata && marker.isFound) {
		await config.adopt();
	}
	const { foundCrash } = marker;
	const files = await loadLeft(taken, marker, foundCrash);
	const found = { mark: left.mark, left: files, foundCrash };
	return { ...taken, config, marker, ...found, owner: "none" };
}

async function withCore(
	host: MeteredHost,
	options: StorageOptions,
	held: Held,
): Promise<Taken> {
	const { metadata = true, readOnly = false, erase = false } = options;
	const core = await Core.load(options.memory ?? MEMORY_DEFAULT);
	let memory: StoreMemory | undefined;
	held.push({ close: async () => core.retire(memory?.arena.usedEnd) });
	memory = new StoreMemory(core.heapBase, core.memoryBytes);
	const sum = checksumIn(core, memory);
	const zeros = metadata && !readOnly ? zerosFor(host, options) : undefined;
	const said = { hasMetadata: metadata, readOnly, erases: erase, zeros };
	const observer = new Observer(options);
	return { observer, host, core, memory, ...said, held, sum };
}

function zerosFor(
	{ capabilities }: Host,
	{ ahead = AHEAD_MAX }: StorageOptions,
): ZerosBudget | undefined {
	const { zerosAfter = 0 } = capabilities;
	return ahead > 0 && zerosAfter > 0
		? new ZerosBudget(ahead, zerosAfter)
		: undefined;
}

/** What the last writer left: the marker, and the mark of an import. */
interface Marks extends MarkedStore {
	readonly mark: ImportMark;
	readonly checksum: TextChecksum;
	readonly loadConfig: () => Promise<StoreConfig>;
}

async function readMarks(taken: Taken): Promise<Marks> {
	const { host } = taken;
	const { sum: checksum } = taken;
	const loadConfig = () => StoreConfig.load(host, checksum);
	return {
		checksum,
		loadConfig,
		marker: await OpenMarker.load(host, checksum),
		mark: new ImportMark(host, checksum),
		isUnknown: async () => (await loadConfig()).isEmpty,
	};
}

/**
 * The marks, and who has the store. An owner that closes between the two takes its marker away, and
 * the lock that is free then is not that of one who has crashed: they are looked at once more.
 */
async function readBeside(
	taken: Taken,
): Promise<Marks & { readonly owner: StoreOwner }> {
	const look = async () => {
		const marks = await readMarks(taken);
		return { ...marks, owner: OWNERS[await taken.host.lockState()] };
	};
	const first = await look();
	return first.marker.isFound && first.owner === "none" ? look() : first;
}

async function raised(
	{ host, hasMetadata, zeros }: Taken,
	{ marker, checksum }: Marks,
): Promise<OpenMarker> {
	if (!hasMetadata) {
		// Raising a marker would have replaced the leftovers of a torn creation, and made the found
		// names durable.
		await host.remove(TEMPORARY_FILE);
		await host.syncDirectory("");
		return OpenMarker.absent(host, checksum);
	}
	await marker.raise(zeros?.ahead ?? 0);
	return marker;
}

/** A store that must stay without dualslot's files is not compared with their record. */
async function loadLeft(
	{ host, hasMetadata, readOnly, sum, observer }: Taken,
	{ isFound: foundMarker }: OpenMarker,
	foundCrash: boolean,
): Promise<LeftFiles> {
	if (foundCrash) {
		observer.event({ kind: "crash-found" });
	}
	const options = { host, checksum: sum, readOnly, foundMarker, observer };
	return hasMetadata ? LeftFiles.load(options) : LeftFiles.none(options);
}

/** For texts of any length, piece by piece. */
function checksumIn(core: Core, { scratch }: StoreMemory): TextChecksum {
	const { size } = scratch;
	const encoder = new TextEncoder();
	return (text) =>
		scratch.use(size, (address) => {
			const bytes = encoder.encode(text);
			let crc = 0;
			for (let at = 0; at < bytes.length; at += size) {
				const piece = bytes.subarray(at, at + size);
				core.write(address, piece);
				crc = core.checksums.crc32c(address, piece.length, crc);
			}
			return crc;
		});
}
