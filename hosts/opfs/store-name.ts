import { REMOVED_DIRECTORY } from "./removed.ts";

/**
 * Throws a TypeError for an invalid store name. `.dualslot-removed`, beside every store, is
 * nobody's name, and browsers accept no '\\' in a part.
 */
export function checkName(name: string): void {
	const parts = typeof name === "string" ? name.split("/") : [];
	const isValid =
		parts.length > 0 &&
		parts[0] !== REMOVED_DIRECTORY &&
		parts.every((part) => /^(?!\.\.?$)[^\\\0\p{Surrogate}]+$/u.test(part));
	if (!isValid) {
		throw new TypeError(
			`a store's name is one or more parts joined by '/', none of them empty, '.' or '..': ${String(name)}`,
		);
	}
}
