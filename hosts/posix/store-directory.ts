import { fileURLToPath } from "node:url";
import { kindOf } from "../../src/checks.ts";

/** For text that is no Unicode the system would get other bytes. */
const IS_PATH = /^[^\0\p{Surrogate}]+$/u;

/** The path of a store's directory, given as a path or a URL. Throws TypeError. */
export function storeDirectory(directory: string | URL): string {
	const path = isURL(directory) ? pathOf(directory) : directory;
	if (typeof path !== "string") {
		throw new TypeError(
			`a store's directory is a path or a file: URL, not ${kindOf(path)}`,
		);
	}
	if (path.startsWith("file://")) {
		throw new TypeError(`pass ${path} as a URL: new URL(…)`);
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
	try {
		return fileURLToPath(url);
	} catch (cause) {
		throw new TypeError(`${url} leads to no path`, { cause });
	}
}

/** A URL of any realm. */
function isURL(value: unknown): value is URL {
	return Object.prototype.toString.call(value) === "[object URL]";
}
