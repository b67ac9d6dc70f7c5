import { SNAPSHOT_HEADER_SIZE } from "../../../assembly/format.ts";
import { failingAs } from "../../errors.ts";
import { stageFile } from "../../host/durable-file.ts";
import type { Host } from "../../host/host.ts";
import type { Poison } from "../poison.ts";
import type { ManifestLog } from "./manifest-log.ts";

export const SNAPSHOT_PATH = "manifest.bin";
export const STAGED_PATH = "manifest.bin.tmp";

const LOG_BYTES_MIN = 1024 * 1024;
/**
 * The log is folded up when it is four times as long as the snapshot would be, at 32 bytes a
 * mapping. (holt's rule; a mapping has 24.)
 */
const LOG_RATIO = 4;
const MAPPING_BYTES = 32;

/** Whether the log has grown so long that a snapshot is due. */
export function isCompactionDue(logBytes: number, guids: number): boolean {
	const snapshot = SNAPSHOT_HEADER_SIZE + MAPPING_BYTES * guids;
	return logBytes >= LOG_BYTES_MIN && logBytes >= LOG_RATIO * snapshot;
}

/**
 * Writes a snapshot's bytes under another name, durably, then renames it, and then empties the log.
 * A crash between the last two leaves a log whose records are all in the snapshot.
 */
export async function compact(
	host: Host,
	snapshot: Uint8Array,
	log: ManifestLog,
	poison: Poison,
): Promise<void> {
	const message = `the log was not folded up; all that was flushed is in it`;
	await failingAs("ERR_WRITE_FAILED", message, { path: SNAPSHOT_PATH }, () =>
		stageFile(host, STAGED_PATH, snapshot),
	);
	await poison.latching(`renaming of ${SNAPSHOT_PATH}`, () =>
		failingAs("ERR_IO", message, { path: SNAPSHOT_PATH }, async () => {
			await host.rename(STAGED_PATH, SNAPSHOT_PATH);
			await host.syncDirectory("");
		}),
	);
	await log.clear();
}
