// All contenders work in one fresh directory, on the same disk.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export class Directories {
	#root = mkdtempSync(join(tmpdir(), "dualslot-bench-"));

	/** What kind of file system they are on, as far as this machine can say. */
	get fileSystem() {
		return fileSystemOf(this.#root);
	}

	make(name) {
		return mkdtempSync(join(this.#root, `${name}-`));
	}

	/** Lends a directory to `use`, and removes it with all that is in it. */
	async with(use) {
		const directory = this.make("round");
		try {
			return await use(directory);
		} finally {
			rmSync(directory, { recursive: true });
		}
	}

	remove() {
		rmSync(this.#root, { recursive: true });
	}
}

function fileSystemOf(directory) {
	try {
		const mounts = readFileSync("/proc/self/mounts", "utf8")
			.trimEnd()
			.split("\n")
			.map((line) => line.split(" "))
			.filter(([, mountPoint]) => isUnder(directory, mountPoint))
			.sort(([, a], [, b]) => b.length - a.length);
		return mounts[0]?.[2] ?? "unknown";
	} catch (error) {
		if (error.code === "ENOENT") {
			return "unknown";
		}
		throw error;
	}
}

function isUnder(directory, mountPoint) {
	const prefix = mountPoint === "/" ? "/" : `${mountPoint}/`;
	return `${directory}/`.startsWith(prefix);
}
