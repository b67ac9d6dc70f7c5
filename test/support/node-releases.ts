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

/** The releases of Node that the README says dualslot runs under. */
export function releasesOfReadme(): string[] {
	const readme = readFileSync(join(ROOT, "README.md"), "utf8");
	const [row] = readme.match(/^\| Node .*$/m) ?? [""];
	return row.match(/\d+\.\d+\.\d+/g) ?? [];
}

/** The program of a release. It is downloaded once, some 30 MB. */
export function nodeOfRelease(version: string): string {
	const home = join(KEPT, version);
	if (!existsSync(home)) {
		install(version, home);
	}
	return join(home, "node_modules", PACKAGE, "bin/node");
}

/** Whole, or not at all; another test may be at it. */
function install(version: string, home: string): void {
	mkdirSync(KEPT, { recursive: true });
	const made = mkdtempSync(join(KEPT, "new-"));
	try {
		const options = ["--no-audit", "--no-fund", "--prefix", made];
		const wanted = `${PACKAGE}@${version}`;
		execFileSync("npm", ["install", ...options, wanted], { stdio: "pipe" });
		renameSync(made, home);
	} catch (error) {
		rmSync(made, { recursive: true, force: true });
		if (!existsSync(home)) {
			throw error;
		}
	}
}
