import { stripVTControlCharacters } from "node:util";
import { isSound } from "./finding.mjs";

/** @import { RecoveryReport } from "../build/types/src/index.d.ts" */
/** @import { Finding, Tally } from "./finding.mjs" */
/** @import { Screen } from "./screen.mjs" */

/**
 * What a column is called and how wide it is. Numbers stand to the right, words to the left.
 *
 * @typedef {readonly [heading: string, width: number, side: "left" | "right"]} Column
 */

/** @type {Column[]} */
const RESTARTS = [
	["kill", 4, "right"],
	["acknowledged", 12, "right"],
	["recovered", 9, "right"],
	["bytes", 10, "right"],
	["pages", 6, "right"],
	["slot", 4, "right"],
	["cut", 11, "left"],
	["", 9, "left"],
];

/** @type {Column[]} */
const CUTS = [
	["kept of what was not synced", 27, "left"],
	["images", 6, "right"],
	["acknowledged", 12, "right"],
	["found", 9, "right"],
	["lost", 9, "right"],
];

/** @type {Column[]} */
const SUMS = [
	["", 21, "left"],
	["killed", 13, "right"],
	["power cut", 13, "right"],
];

const NUMBERS = new Intl.NumberFormat("en");

/** @param {number} value */
export function number(value) {
	return NUMBERS.format(value);
}

/** @param {number} count @param {string} noun */
export function counted(count, noun) {
	return `${number(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** @param {Screen} screen */
export function headRestarts(screen) {
	head(screen, RESTARTS);
}

/**
 * One restart: what it had to find, and its recovery report.
 *
 * @param {Screen} screen
 * @param {string} label
 * @param {{ owed: number, recovery?: RecoveryReport, finding?: Finding }} restart
 */
export function reportRestart(screen, label, { owed, recovery, finding }) {
	if (recovery === undefined || finding === undefined) {
		const early = screen.styled("dim", "killed again before it had recovered");
		row(screen, RESTARTS, [label, number(owed), "–", early]);
		return;
	}
	row(screen, RESTARTS, [
		label,
		number(owed),
		number(finding.recovered),
		number(recovery.size),
		number(recovery.pagesKept),
		number(recovery.slot),
		recovery.cut === "none" ? "nothing" : recovery.cut,
		verdict(screen, finding),
	]);
}

/** The power cuts, by what the disk kept. @param {Screen} screen @param {Map<string, Tally>} tallies */
export function reportCuts(screen, tallies) {
	head(screen, CUTS);
	for (const [manner, tally] of tallies) {
		const { looks, acknowledged, found, lost } = tally;
		const counts = [looks, acknowledged, found].map(number);
		row(screen, CUTS, [manner, ...counts, lostOf(screen, lost)]);
	}
}

/** @param {Screen} screen @param {number} kills @param {Tally} killed @param {Tally} cut */
export function reportSums(screen, kills, killed, cut) {
	head(screen, SUMS);
	const add = (/** @type {string[]} */ ...cells) => row(screen, SUMS, cells);
	const both = (
		/** @type {"acknowledged" | "found" | "compared" | "cut"} */ key,
	) => [number(killed[key]), number(cut[key])];
	add("kills, images", number(kills), number(cut.looks));
	add("lines acknowledged", ...both("acknowledged"));
	add("lines found", ...both("found"));
	add("lines lost", lostOf(screen, killed.lost), lostOf(screen, cut.lost));
	add("bytes compared", ...both("compared"));
	add("bytes cut by recovery", ...both("cut"));
	screen.line();
	screen.paragraph(
		"Every restart and every image is asked for all lines that were acknowledged before it, so the counts add up over all of them.",
		"dim",
	);
}

/** @param {Screen} screen @param {Column[]} columns */
function head(screen, columns) {
	const headings = columns.map(([heading]) => heading);
	screen.line();
	screen.line(screen.styled("bold", laidOut(columns, headings)));
}

/** @param {Screen} screen @param {Column[]} columns @param {string[]} cells */
function row(screen, columns, cells) {
	screen.line(laidOut(columns, cells));
}

/** Cells come in their columns' order; styles take no room. @param {Column[]} columns @param {string[]} cells */
function laidOut(columns, cells) {
	const padded = cells.map((cell, index) => {
		const [, width, side] = columns[index];
		const blank = " ".repeat(
			Math.max(0, width - stripVTControlCharacters(cell).length),
		);
		return side === "left" ? cell + blank : blank + cell;
	});
	return padded.join("  ").trimEnd();
}

/** @param {Screen} screen @param {Finding} finding */
function verdict(screen, finding) {
	if (isSound(finding)) {
		return screen.styled("green", "all there");
	}
	const { lost, foreign } = finding;
	const wrong =
		lost > 0 ? `${number(lost)} lost` : `${number(foreign)} bytes differ`;
	return screen.styled("red", wrong);
}

/** @param {Screen} screen @param {number} lost */
function lostOf(screen, lost) {
	return screen.styled(lost > 0 ? "red" : "green", number(lost));
}
