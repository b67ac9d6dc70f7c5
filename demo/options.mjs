import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";

export const HELP = `npm run demo -- [file] [options]

Appends every line of a file to a store on disk while the writer is killed, then
cuts the power of a simulated disk, and looks each time for every line that was
acknowledged.

  file          what to append (the largest file of the typescript package)
  --kills N     how often the writer is killed with SIGKILL (24)
  --images N    how many images of a disk without power are looked into (600)
  --seed N      repeats the choices of an earlier run, and its images exactly
  --no-sync     lets no sync reach the disk: the demo must then find lines lost
  --help        this

Exit code: 0 all was found, 1 something is missing, 2 it could not be run.
`;

/** Whatever the person who runs the demo can put right; its message is all they need. */
export class UsageError extends Error {}

/**
 * @typedef {object} Options
 * @property {string | undefined} file
 * @property {number} kills
 * @property {number} images
 * @property {number} seed
 * @property {boolean} isSynced
 * @property {boolean} isHelp
 */

/** @param {string[]} args @returns {Options} */
export function readOptions(args) {
	const { values, positionals } = parse(args);
	if (positionals.length > 1) {
		throw new UsageError(`one file at a time, not ${positionals.join(", ")}`);
	}
	const isSynced = !values["no-sync"];
	// A kill loses nothing that a sync would have saved, so without syncs a few of them make that point.
	const kills = isSynced ? 24 : 3;
	return {
		file: positionals[0],
		kills: wholeNumber("kills", values.kills) ?? kills,
		images: wholeNumber("images", values.images) ?? 600,
		seed: wholeNumber("seed", values.seed) ?? randomInt(2 ** 32),
		isSynced,
		isHelp: values.help ?? false,
	};
}

/** @param {string[]} args */
function parse(args) {
	try {
		return parseArgs({
			args,
			allowPositionals: true,
			options: {
				kills: { type: "string" },
				images: { type: "string" },
				seed: { type: "string" },
				"no-sync": { type: "boolean" },
				help: { type: "boolean", short: "h" },
			},
		});
	} catch (error) {
		if (error instanceof TypeError) {
			const [problem] = error.message.split(". ");
			const message = `${problem}; --help names what there is`;
			throw new UsageError(message, { cause: error });
		}
		throw error;
	}
}

/** @param {string} name @param {string | undefined} text */
function wholeNumber(name, text) {
	if (text === undefined) {
		return undefined;
	}
	if (!/^\d{1,10}$/.test(text)) {
		throw new UsageError(`--${name} takes a whole number, not ${text}`);
	}
	return Number(text);
}
