import { fileURLToPath } from "node:url";
import { kindOf } from "../../src/checks.ts";

/** The system would be given other bytes for what is no Unicode. */
const IS_PATH = /^[^\0\p{Surrogate}]+$/u;

/** The path that a store's directory is given as, or that its URL leads to. Throws TypeError. */
export function storeDirectory(directory: string | URL): string {
	const path = isURL(directory) ? pathOf(directory) : directory;
	if (typeof path !== "string") {
		throw new TypeError(
			`a store's directory is a path or a file: URL, not ${kindOf(path)}`,
		);
	}
	if (!IS_PATH.test(path)) {
		throw new TypeError("a store's directory is a path that is not empty");
	}
	return path;
}

function pathOf(url: URL): string {
	if (url.protocol !== "file:") {
		throw new TypeError(
			`a store's directory is a path or a file: URL, not ${url}`,
		);
	}
	return fileURLToPath(url);
}

/** Whichever realm made it. */
function isURL(value: unknown): value is URL {
	return Object.prototype.toString.call(value) === "[object URL]";
}
