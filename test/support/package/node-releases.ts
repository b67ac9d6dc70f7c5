import { execFileSync } from "node:child_process";
import {
	existsSync,
	mkdirSync,
	mkdtempSync,
	readFileSync,
	renameSync,
	rmSync,
} from "node:fs";
import { join } from "node:path";
import { ROOT } from "./consumer-project.ts";

const KEPT = join(ROOT, "node_modules/.cache/node");
const PACKAGE = `node-${process.platform}-${process.arch}`;

/** The releases of Node that docs/platforms.md lists. */
export function testedReleases(): string[] {
	const platforms = readFileSync(join(ROOT, "docs/platforms.md"), "utf8");
	const [row] = platforms.match(/^\| Node .*$/m) ?? [""];
	return row.match(/\d+\.\d+\.\d+/g) ?? [];
}

/** The program of a release. It is downloaded once, some 30 MB. */
export function nodeOfRelease(version: string): string {
	return join(installed(PACKAGE, version), "bin/node");
}

/** The directory of a runtime's package, which is installed once. */
export function installed(name: string, version: string): string {
	const home = join(KEPT, `${name.replace("/", "-")}-${version}`);
	if (!existsSync(home)) {
		install(`${name}@${version}`, home);
	}
	return join(home, "node_modules", name);
}

/** Whole, or not at all; another test may do the same. */
function install(wanted: string, home: string): void {
	mkdirSync(KEPT, { recursive: true });
	const made = mkdtempSync(join(KEPT, "new-"));
	try {
		const options = ["--no-audit", "--no-fund", "--prefix", made];
		execFileSync("npm", ["install", ...options, wanted], { stdio: "pipe" });
		renameSync(made, home);
	} catch (error) {
		rmSync(made, { recursive: true, force: true });
		if (!existsSync(home)) {
			throw error;
		}
	}
}
