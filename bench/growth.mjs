// npm run bench:growth [-- --quick] [-- SUBJECT …]
//
// How what a call costs follows the size of its store: for each subject its rows at sizes ten times apart, and each row's law. The
// law is the exponent that fits the measured times best, 0 where size does not matter, 1 where ten times as many take ten times as
// long. A row whose exponent is beyond its goal is marked, and is no error; an I/O error or a wrong count is.
import process from "node:process";
import { Directories } from "./directories.mjs";
import { callers } from "./growth/callers.mjs";
import { entries } from "./growth/entries.mjs";
import { frames } from "./growth/frames.mjs";
import { exponentOf, isBeyond } from "./growth/law.mjs";
import { partitions } from "./growth/partitions.mjs";
import { sections } from "./growth/sections.mjs";
import { median } from "./rounds.mjs";
import { aligned, time } from "./table.mjs";

const ROUNDS = 3;
const SUBJECTS = { entries, sections, partitions, frames, callers };

const words = process.argv.slice(2);
const isQuick = words.includes("--quick");
const names = words.filter((word) => word in SUBJECTS);
const started = performance.now();
const directories = new Directories();
try {
	console.log(
		`${process.version}, ${directories.fileSystem}; medians of ${ROUNDS}`,
	);
	for (const name of names.length > 0 ? names : Object.keys(SUBJECTS)) {
		await print(name, SUBJECTS[name]);
	}
} finally {
	directories.remove();
}
console.log(`\n${Math.round((performance.now() - started) / 1000)} s`);

/** A subject's sizes are measured in turns, so that a machine that slows down slows all of them. */
async function print(name, { sizes, rows, measure }) {
	const measured = isQuick ? sizes.slice(0, -1) : sizes;
	const samples = measured.map(() => []);
	for (let round = 0; round < ROUNDS; round += 1) {
		for (const [index, size] of measured.entries()) {
			samples[index].push(
				await directories.with((directory) => measure(directory, size)),
			);
		}
	}
	const head = [
		name,
		...measured.map((size) => size.toLocaleString("en")),
		"law",
		"goal",
		"",
	];
	const lines = Object.entries(rows).map(([row, goal]) =>
		lineOf(row, goal, measured, samples),
	);
	const table = [head, ...lines];
	const widths = head.map((_, column) =>
		Math.max(...table.map((cells) => cells[column].length)),
	);
	console.log("");
	for (const cells of table) {
		console.log(`  ${aligned(cells, widths)}`);
	}
}

function lineOf(row, goal, sizes, samples) {
	const times = samples.map((rounds) => median(rounds.map((one) => one[row])));
	const exponent = exponentOf(sizes, times);
	return [
		row,
		...times.map(time),
		`n^${exponent.toFixed(2)}`,
		goal === 0 ? "flat" : "linear",
		isBeyond(exponent, goal) ? "MISSED" : "",
	];
}
