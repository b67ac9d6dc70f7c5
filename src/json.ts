/**
 * Gives data a `toJSON`, since JSON has no bigints: it writes them as decimal strings. The property
 * is not enumerable, so that the data compares, clones and prints as before.
 */
export function withJson<T extends object>(data: T): T {
	return Object.defineProperty(data, "toJSON", { value: () => inJson(data) });
}

function inJson(value: unknown): unknown {
	if (typeof value === "bigint") {
		return value.toString();
	}
	return Array.isArray(value) ? value.map(inJson) : withoutBigInts(value);
}

function withoutBigInts(value: unknown): unknown {
	if (typeof value !== "object" || value === null) {
		return value;
	}
	const entries = Object.entries(value);
	return Object.fromEntries(entries.map(([key, of]) => [key, inJson(of)]));
}
