// The peers are native. They are installed here, from the bench's own lockfile, and never with dualslot. No install
// script runs on the way: lmdb brings its binaries as packages, and better-sqlite3 is built from the source that the
// lockfile vouches for, with the headers of this Node where they lie next to it.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const BENCH = fileURLToPath(new URL(".", import.meta.url));
const SQLITE = join(BENCH, "node_modules", "better-sqlite3");

export function installPeers() {
	installPackages();
	if (!sqliteLoads()) {
		console.error("building better-sqlite3, about a minute…");
		const headers = headersOption();
		run("npm", ["run", "build-release", "--silent", ...headers], SQLITE);
	}
}

/** Those for browsers need nothing more. */
export function installPackages() {
	if (!areInstalled()) {
		run("npm", ["ci", "--ignore-scripts", "--silent"], BENCH);
	}
}

function areInstalled() {
	const { dependencies } = readJson(join(BENCH, "package.json"));
	return Object.entries(dependencies).every(([name, version]) => {
		const path = join(BENCH, "node_modules", name, "package.json");
		return existsSync(path) && readJson(path).version === version;
	});
}

// In a process of its own: an addon built for another Node must not be half loaded into this one.
function sqliteLoads() {
	const program = "new (require('better-sqlite3'))(':memory:')";
	const child = spawnSync(process.execPath, ["-e", program], { cwd: BENCH });
	return child.status === 0;
}

function headersOption() {
	const root = dirname(dirname(realpathSync(process.execPath)));
	const header = join(root, "include", "node", "node.h");
	return existsSync(header) ? ["--", `--nodedir=${root}`] : [];
}

function run(command, options, cwd) {
	const { status, stdout, stderr, error } = spawnSync(command, options, {
		cwd,
		encoding: "utf8",
		maxBuffer: 2 ** 28,
	});
	if (status !== 0) {
		const said = `${stdout ?? ""}${stderr ?? ""}`;
		const message = `${command} ${options.join(" ")} failed\n${said}`;
		throw new Error(message, { cause: error });
	}
}

function readJson(path) {
	return JSON.parse(readFileSync(path, "utf8"));
}
