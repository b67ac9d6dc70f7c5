// fio, the disk's own yardstick: a Debian package, installed where that can be done.
import { spawnSync } from "node:child_process";
import { getuid } from "node:process";

/** Whether it runs here; says so where it does not. */
export function isFioInstalled() {
	if (!runs("fio", ["--version"]) && getuid?.() === 0) {
		runs("apt-get", ["install", "--yes", "--quiet", "fio"]);
	}
	const isInstalled = runs("fio", ["--version"]);
	if (!isInstalled) {
		console.error(
			"\nwithout fio: it is not there, and apt-get, as root, did not install it",
		);
	}
	return isInstalled;
}

/** Answers what fio says of its only job. */
export function runFio(options) {
	const args = Object.entries(options).map(
		([name, value]) => `--${name}=${value}`,
	);
	const { status, stdout, stderr } = spawnSync(
		"fio",
		["--name=frames", "--output-format=json", ...args],
		{ encoding: "utf8" },
	);
	if (status !== 0) {
		throw new Error(`fio ${args.join(" ")} failed\n${stderr}${stdout}`);
	}
	const [job] = JSON.parse(stdout).jobs;
	if (job.error !== 0) {
		throw new Error(`fio ${args.join(" ")}: error ${job.error}`);
	}
	return job;
}

function runs(command, args) {
	return spawnSync(command, args).status === 0;
}
