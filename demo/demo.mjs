import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { conclude, introduce, introduceCuts } from "./explanation.mjs";
import { isSound, Tally } from "./finding.mjs";
import { Killing } from "./killing.mjs";
import { HELP, readOptions, UsageError } from "./options.mjs";
import { cutPower } from "./power-cut.mjs";
import { Random } from "./random.mjs";
import * as report from "./report.mjs";
import { Screen } from "./screen.mjs";
import { installedFile, readLines } from "./text-file.mjs";

/** @import { Options } from "./options.mjs" */
/** @import { Lines } from "./text-file.mjs" */

/** How much of the file the disk gets that loses its power. */
const LINES_OF_THE_DISK = 4000;

const screen = new Screen(process.stdout, process.env);
process.stdout.once("error", endUnread);
try {
	process.exitCode = await run(readOptions(process.argv.slice(2)));
} catch (error) {
	if (!(error instanceof UsageError)) {
		throw error;
	}
	process.stderr.write(`demo: ${error.message}\n`);
	process.exitCode = 2;
}

/** Answers the exit code. @param {Options} options */
async function run(options) {
	if (options.isHelp) {
		process.stdout.write(HELP);
		return 0;
	}
	const file = options.file ?? installedFile();
	const lines = readLines(file);
	const directory = makeScratchDirectory();
	introduce(screen, { ...options, file, lines, directory });
	const killed = await killWriters(directory, file, lines, options);
	const disk = lines.first(LINES_OF_THE_DISK);
	introduceCuts(screen, options.images, disk);
	const { cut, firstWrong } = await cutPowerOf(disk, options);
	report.reportSums(screen, options.kills, killed, cut);
	return conclude(screen, options, { killed, cut, firstWrong });
}

/** Whoever read the output has seen enough of it. @param {NodeJS.ErrnoException} error */
function endUnread(error) {
	if (error.code !== "EPIPE") {
		throw error;
	}
	process.exit(1);
}

/** It goes with this process, however that ends. */
function makeScratchDirectory() {
	const directory = mkdtempSync(join(tmpdir(), "dualslot-demo-"));
	process.once("exit", () =>
		rmSync(directory, { recursive: true, force: true, maxRetries: 5 }),
	);
	for (const signal of ["SIGHUP", "SIGINT", "SIGTERM"]) {
		process.once(signal, () => process.exit(1));
	}
	return directory;
}

/** @param {string} directory @param {string} file @param {Lines} lines @param {Options} options */
async function killWriters(directory, file, lines, options) {
	const killing = new Killing({
		...options,
		directory,
		file,
		lines,
		random: new Random(options.seed),
		onDurable: (count) =>
			screen.progress(
				count / lines.count,
				`${report.counted(count, "line")} durable, ${report.counted(killing.kills, "kill")}`,
			),
	});
	// Before its directory goes, or it would go on making files there.
	process.prependOnceListener("exit", () => killing.stop());
	const tally = new Tally();
	report.headRestarts(screen);
	for await (const { kills, ...restart } of killing.restarts()) {
		report.reportRestart(screen, report.number(kills), restart);
		if (restart.finding !== undefined) {
			tally.add(restart.finding);
		}
	}
	const last = await killing.lookAgain();
	report.reportRestart(screen, "end", last);
	tally.add(last.finding);
	return tally;
}

/** @param {Lines} lines @param {Options} options */
async function cutPowerOf(lines, options) {
	const { images, seed } = options;
	const cut = new Tally();
	/** @type {Map<string, Tally>} */
	const tallies = new Map();
	let firstWrong;
	const settings = { ...options, lines, random: new Random(seed) };
	for await (const look of cutPower(settings)) {
		const { finding, image, manner } = look;
		const tally = tallies.get(manner) ?? new Tally();
		tallies.set(manner, tally);
		tally.add(finding);
		cut.add(finding);
		if (firstWrong === undefined && !isSound(finding)) {
			firstWrong = look;
		}
		screen.progress(image / images, `image ${image} of ${images}`);
	}
	report.reportCuts(screen, tallies);
	return { cut, firstWrong };
}
