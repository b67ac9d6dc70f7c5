import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nodeHost } from "../build/node.js";
import { loadDisk } from "./disk-image.mjs";
import { counted, number } from "./report.mjs";

/** @import { Tally } from "./finding.mjs" */
/** @import { Options } from "./options.mjs" */
/** @import { Look } from "./power-cut.mjs" */
/** @import { Screen } from "./screen.mjs" */
/** @import { Lines } from "./text-file.mjs" */

/**
 * @param {Screen} screen
 * @param {Options & { file: string, lines: Lines, directory: string }} demo
 */
export function introduce(screen, { isSynced, kills, seed, ...demo }) {
	const { file, lines, directory } = demo;
	const title = screen.styled("bold", "dualslot: what a crash costs");
	screen.line(`${title}  (seed ${seed})`);
	screen.line();
	screen.paragraph(
		`A child process appends ${file} (${counted(lines.count, "line")}, ${counted(lines.bytes.length, "byte")}) to a store in ${directory}, and is killed with SIGKILL ${times(kills)}. Whenever it starts again it recovers, and must find each line that it was told is durable.`,
	);
	if (!isSynced) {
		screen.line();
		screen.paragraph(
			"Syncing is off: no sync that the engine asks for reaches the disk.",
			"red",
		);
	}
}

/** @param {Screen} screen @param {number} images @param {Lines} lines */
export function introduceCuts(screen, images, lines) {
	screen.line();
	screen.paragraph(
		`Now the power is cut, under a disk that is recorded while writers append ${counted(lines.count, "line")} to it over and over. What a completed sync covers is there; anything else may be, in sectors of 512 bytes and in any order. This is what is found on ${counted(images, "image")} of what the disk can hold then.`,
	);
}

/**
 * The last sentences; answers the exit code.
 *
 * @param {Screen} screen
 * @param {Options} options
 * @param {{ killed: Tally, cut: Tally, firstWrong: Look | undefined }} results
 */
export async function conclude(screen, options, { killed, cut, firstWrong }) {
	screen.line();
	if (!options.isSynced) {
		concludeWithoutSync(screen, killed, cut);
		return 1;
	}
	if (killed.unsound + cut.unsound === 0) {
		const verdict = "Every line that was acknowledged is there, byte for byte.";
		const seconds = (performance.now() / 1000).toFixed(0);
		screen.line(`${screen.styled("green", verdict)}  (${seconds} s)`);
		return 0;
	}
	screen.paragraph(
		`FAILED: ${counted(killed.lost + cut.lost, "acknowledged line")} lost. ${counted(killed.unsound, "restart")} and ${counted(cut.unsound, "image")} are not as they must be.`,
		"red",
	);
	if (firstWrong !== undefined) {
		await showImage(screen, firstWrong, options.seed);
	}
	return 1;
}

/** @param {Screen} screen @param {Tally} killed @param {Tally} cut */
function concludeWithoutSync(screen, killed, cut) {
	if (cut.lost === 0) {
		screen.paragraph(
			"FAILED: nothing was synced, and yet no power cut took a line. Let there be more images.",
			"red",
		);
		return;
	}
	screen.paragraph(
		`FAILED, as it must without syncs: ${number(cut.lost)} of ${counted(cut.acknowledged, "acknowledged line")} lost, in ${cut.unsound} of ${counted(cut.looks, "image")}.`,
		"red",
	);
	if (killed.lost === 0) {
		screen.paragraph(
			"The kills took none: what a process has written before it is killed, the system still has. Only a power cut tells who syncs, and this check sees it.",
		);
	}
}

/** Keeps the files of an image, so that they can be looked into. @param {Screen} screen @param {Look} look @param {number} seed */
async function showImage(screen, { image, manner, disk, finding }, seed) {
	const { lost, foreign, refusal } = finding;
	const directory = mkdtempSync(join(tmpdir(), "dualslot-image-"));
	await loadDisk(nodeHost(directory), disk);
	const reason =
		refusal ??
		`${counted(lost, "line")} lost, ${counted(foreign, "byte")} wrong`;
	screen.paragraph(
		`Image ${image}, which kept ${manner}: ${reason}. Its files are in ${directory}, and --seed ${seed} makes it again.`,
	);
}

/** @param {number} count */
function times(count) {
	return count === 1 ? "once" : `${number(count)} times`;
}
