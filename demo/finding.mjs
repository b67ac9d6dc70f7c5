/** @import { Lines } from "./text-file.mjs" */
/** @import { RecoveryReport } from "../build/types/src/index.d.ts" */

/**
 * What one look into a recovered store found of what it owed.
 *
 * @typedef {object} Finding
 * @property {number} acknowledged lines that were acknowledged before the crash
 * @property {number} recovered whole lines that are there now
 * @property {number} lost of those acknowledged, how many are missing or differ
 * @property {number} compared bytes that are the file's
 * @property {number} foreign bytes that the file does not have there
 * @property {number} cut bytes that recovery cut
 * @property {string} [refusal] why the store could not be opened
 */

/**
 * @param {Lines} lines
 * @param {number} acknowledged
 * @param {{ recovery: RecoveryReport, equal: number }} recovered
 * @returns {Finding}
 */
export function lookedInto(lines, acknowledged, { recovery, equal }) {
	const recovered = lines.wholeWithin(equal);
	return {
		acknowledged,
		recovered,
		lost: Math.max(0, acknowledged - recovered),
		compared: equal,
		foreign: recovery.size - equal,
		cut: recovery.bytesCut,
	};
}

/** @param {number} acknowledged @param {unknown} error @returns {Finding} */
export function refused(acknowledged, error) {
	const refusal = error instanceof Error ? error.message : String(error);
	const nothing = { recovered: 0, compared: 0, foreign: 0, cut: 0 };
	return { acknowledged, lost: acknowledged, ...nothing, refusal };
}

/** @param {Finding} finding */
export function isSound({ lost, foreign, refusal }) {
	return lost === 0 && foreign === 0 && refusal === undefined;
}

/** The sum of any number of findings. */
export class Tally {
	looks = 0;
	acknowledged = 0;
	lost = 0;
	compared = 0;
	foreign = 0;
	cut = 0;
	/** Looks that found something missing, or something that should not be there. */
	unsound = 0;

	/** @param {Finding} finding */
	add(finding) {
		this.looks += 1;
		this.acknowledged += finding.acknowledged;
		this.lost += finding.lost;
		this.compared += finding.compared;
		this.foreign += finding.foreign;
		this.cut += finding.cut;
		this.unsound += isSound(finding) ? 0 : 1;
	}

	get found() {
		return this.acknowledged - this.lost;
	}
}
