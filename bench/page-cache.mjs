// What the kernel keeps of files in memory. Linux only.
import { closeSync, fdatasyncSync, openSync, readdirSync } from "node:fs";
import { join } from "node:path";
import koffi from "koffi";

/** <fcntl.h> of Linux. */
const POSIX_FADV_DONTNEED = 4;
const fadvise = koffi
	.load(null)
	.func("int posix_fadvise(int, int64_t, int64_t, int)");

/** Makes the kernel forget the contents of every file under a directory; no process may have one of them open. */
export function dropCached(directory) {
	for (const entry of readdirSync(directory, {
		recursive: true,
		withFileTypes: true,
	})) {
		if (entry.isFile()) {
			dropFile(join(entry.path, entry.name));
		}
	}
}

function dropFile(path) {
	const fd = openSync(path, "r");
	try {
		// A page that is not yet on the disk stays.
		fdatasyncSync(fd);
		const errno = fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
		if (errno !== 0) {
			throw new Error(`posix_fadvise of ${path} failed with ${errno}`);
		}
	} finally {
		closeSync(fd);
	}
}
