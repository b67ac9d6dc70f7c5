import { Arena } from "./arena.ts";
import { Core } from "./core.ts";
import { TEMPORARY_FILE } from "./durable-file.ts";
import { failingAs, StorageError } from "./errors.ts";
import type { Host, HostLock } from "./host.ts";
import { emptyHalfImported, refuseHalfImported } from "./import.ts";
import { MeteredHost } from "./metering.ts";
import { OpenMarker } from "./open-marker.ts";
import type { StorageOptions } from "./storage.ts";
import { checkWait, takeLock } from "./storage-lock.ts";
import { StoreConfig } from "./store-config.ts";

/** What a store is made of once it is open. */
export interface StorageParts {
	readonly host: MeteredHost;
	readonly core: Core;
	readonly arena: Arena;
	readonly config: StoreConfig;
	readonly marker: OpenMarker;
	readonly hasMetadata: boolean;
	/** Undefined where it is open for reading. */
	readonly lock: HostLock | undefined;
}

type Unlocked = Pick<StorageParts, "host" | "core" | "arena" | "hasMetadata">;

/** Twice as much makes V8 collect garbage, for longer than all else that opening takes. */
const MEMORY_DEFAULT = 16 * 1024 * 1024;

export async function openParts(
	host: Host,
	options: StorageOptions,
): Promise<StorageParts> {
	checkOptions(options);
	const core = await Core.load(options.memory ?? MEMORY_DEFAULT);
	const arena = new Arena(core.heapBase, core.memoryBytes);
	const hasMetadata = options.metadata ?? true;
	const parts = { host: new MeteredHost(host), core, arena, hasMetadata };
	return options.readOnly ? openToRead(parts) : openToWrite(parts, options);
}

async function openToRead(parts: Unlocked): Promise<StorageParts> {
	const { host } = parts;
	const path = host.location;
	return failingAs("ERR_IO", path, { path }, async () => {
		if ((await host.list("")) === undefined) {
			throw new StorageError("ERR_IO", `${path} is no directory`, { path });
		}
		await refuseHalfImported(host);
		const config = await loadConfig(parts);
		const marker = await OpenMarker.load(host);
		return { ...parts, config, marker, lock: undefined };
	});
}

async function openToWrite(
	parts: Unlocked,
	options: StorageOptions,
): Promise<StorageParts> {
	const { host } = parts;
	const path = host.location;
	await failingAs("ERR_IO", path, { path }, () => host.makeDirectory(""));
	const lock = await failingAs("ERR_IO", path, { path }, () =>
		takeLock(host, options.wait ?? false),
	);
	try {
		return await failingAs("ERR_IO", path, { path }, async () => {
			await emptyHalfImported(host);
			const config = await loadConfig(parts);
			const marker = await raiseMarker(parts);
			return { ...parts, config, marker, lock };
		});
	} catch (error) {
		await lock.release();
		throw error;
	}
}

async function raiseMarker({
	host,
	hasMetadata,
}: Unlocked): Promise<OpenMarker> {
	if (!hasMetadata) {
		// Raising the marker would have replaced what a torn creation left, and made the names that were found durable.
		await host.remove(TEMPORARY_FILE);
		await host.syncDirectory("");
		return OpenMarker.absent(host);
	}
	const marker = await OpenMarker.load(host);
	await marker.raise();
	return marker;
}

function loadConfig({ host, core, arena }: Unlocked): Promise<StoreConfig> {
	return StoreConfig.load(host, (text) => {
		const bytes = new TextEncoder().encode(text);
		const address = arena.allocate(bytes.length);
		core.bytes(address, bytes.length).set(bytes);
		const checksum = core.crc32c(address, bytes.length);
		arena.free(address);
		return checksum;
	});
}

function checkOptions(options: StorageOptions): void {
	if (typeof options !== "object" || options === null) {
		throw new TypeError("options are an object");
	}
	checkWait(options.wait ?? false);
	const { memory } = options;
	if (memory !== undefined && !(Number.isInteger(memory) && memory > 0)) {
		throw new RangeError(`memory is a whole number of bytes, not ${memory}`);
	}
}
