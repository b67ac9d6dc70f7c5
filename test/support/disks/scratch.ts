import { statfsSync } from "node:fs";
import { tmpdir } from "node:os";

const IN_MEMORY = "/dev/shm";
const ROOM = 2 * 1024 * 1024 * 1024;

/** For files that need not last: in memory, where a sync costs nothing, if there is room. */
export const SCRATCH = hasRoom() ? IN_MEMORY : tmpdir();

function hasRoom(): boolean {
	try {
		const { bavail, bsize } = statfsSync(IN_MEMORY);
		return bavail * bsize >= ROOM;
	} catch {
		// There is none, or its room is unknown.
		return false;
	}
}
