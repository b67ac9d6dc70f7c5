import { execFileSync, spawnSync } from "node:child_process";
import {
	cpSync,
	mkdtempSync,
	readFileSync,
	rmSync,
	symlinkSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** What the tests have of the core: all else they read from its source. */
const CORE = ["build/core.wasm", "build/core-bytes.ts"];
const KEPT = { recursive: true, preserveTimestamps: true };

/** A copy of the working tree, as it was built, in which one rule at a time is broken. */
export class BrokenCopy {
	directory = mkdtempSync(join(tmpdir(), "dualslot-mutants-"));
	/** Of what is broken: the bytes that were there, by path. */
	#whole = new Map();

	constructor() {
		const listed = execFileSync(
			"git",
			["ls-files", "--cached", "--others", "--exclude-standard", "-z"],
			{ cwd: ROOT, encoding: "utf8" },
		);
		for (const path of [...listed.split("\0").filter(Boolean), "build"]) {
			cpSync(join(ROOT, path), this.#at(path), KEPT);
		}
		symlinkSync(join(ROOT, "node_modules"), this.#at("node_modules"));
	}

	/** The paths that have changed by it. */
	break({ breaks, file, find, replace }) {
		const isOfCore = file.startsWith("assembly/");
		const paths = [file, ...(isOfCore ? CORE : [])].map((path) =>
			this.#at(path),
		);
		this.#whole = new Map(paths.map((path) => [path, readFileSync(path)]));
		const parts = readFileSync(this.#at(file), "utf8").split(find);
		if (parts.length !== 2) {
			throw new Error(
				`${file} does not hold the text of "${breaks}" just once`,
			);
		}
		writeFileSync(this.#at(file), parts.join(replace));
		if (isOfCore) {
			this.#buildCore();
		}
		return paths;
	}

	/** The paths that are as they were. */
	mend() {
		for (const [path, bytes] of this.#whole) {
			writeFileSync(path, bytes);
		}
		return [...this.#whole.keys()];
	}

	remove() {
		rmSync(this.directory, { recursive: true, force: true });
	}

	#buildCore() {
		const built = spawnSync("node", ["scripts/build.mjs", "--core"], {
			cwd: this.directory,
			encoding: "utf8",
		});
		if (built.status !== 0) {
			throw new Error(`a mutant must build:\n${built.stdout}${built.stderr}`);
		}
	}

	#at(path) {
		return join(this.directory, path);
	}
}
