import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { UsageError } from "./options.mjs";

const NEWLINE = 0x0a;
const INSTALLED = fileURLToPath(
	new URL("../node_modules/typescript/lib", import.meta.url),
);

/** A file's bytes, cut after each newline: put together, its lines are the file again. */
export class Lines {
	/** @param {Uint8Array} bytes */
	constructor(bytes) {
		this.bytes = bytes;
		/** Where each line ends, its newline included. */
		this.ends = endsOfLines(bytes);
	}

	get count() {
		return this.ends.length;
	}

	/** How many bytes the first lines take. @param {number} count */
	sizeOf(count) {
		return count === 0 ? 0 : this.ends[count - 1];
	}

	/** How many whole lines the first bytes hold. @param {number} size */
	wholeWithin(size) {
		let low = 0;
		let high = this.count;
		while (low < high) {
			const middle = (low + high + 1) >>> 1;
			if (this.sizeOf(middle) <= size) {
				low = middle;
			} else {
				high = middle - 1;
			}
		}
		return low;
	}

	/** What is left of a line after the first `size` bytes of the file. @param {number} index @param {number} size */
	restOf(index, size) {
		return this.bytes.subarray(
			Math.max(size, this.sizeOf(index)),
			this.ends[index],
		);
	}

	/** The first lines alone. @param {number} count */
	first(count) {
		const kept = Math.min(count, this.count);
		return new Lines(this.bytes.subarray(0, this.sizeOf(kept)));
	}
}

/** The lines of the file that is named, which must have some. @param {string} path */
export function readLines(path) {
	const bytes = readBytes(path);
	if (bytes.length === 0) {
		throw new UsageError(`${path} is empty: it has no line to append`);
	}
	return new Lines(bytes);
}

/** The largest file that npm has put next to us. */
export function installedFile() {
	let names;
	try {
		names = readdirSync(INSTALLED);
	} catch (error) {
		throw new UsageError("run npm ci first, or name a file", { cause: error });
	}
	const sizeOf = (/** @type {string} */ path) => statSync(path).size;
	const paths = names.map((name) => join(INSTALLED, name));
	const files = paths.filter((path) => statSync(path).isFile());
	const largest = files.reduce((a, b) => (sizeOf(a) > sizeOf(b) ? a : b));
	return relative(process.cwd(), largest);
}

/** @param {string} path */
function readBytes(path) {
	try {
		return readFileSync(path);
	} catch (error) {
		const { code = "", message } = /** @type {NodeJS.ErrnoException} */ (error);
		const reason = REASONS[code] ?? message;
		throw new UsageError(`${path}: ${reason}`, { cause: error });
	}
}

/** @type {Record<string, string>} */
const REASONS = {
	ENOENT: "there is no such file",
	EISDIR: "this is a directory, and the demo takes a file",
	EACCES: "this file may not be read",
	ERR_FS_FILE_TOO_LARGE:
		"this file is too large for the demo, which holds it in memory",
};

/** @param {Uint8Array} bytes */
function endsOfLines(bytes) {
	const ends = [];
	let start = 0;
	while (start < bytes.length) {
		const newline = bytes.indexOf(NEWLINE, start);
		start = newline < 0 ? bytes.length : newline + 1;
		ends.push(start);
	}
	return ends;
}
