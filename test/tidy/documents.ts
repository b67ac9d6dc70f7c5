import { dirname, join } from "node:path";
import { isThere, paths, readText } from "./sources.ts";

/** Those of docs/api, which are made, as well as those that are written. */
export const documents: readonly string[] = paths.filter((path) =>
	path.endsWith(".md"),
);

/** Links and paths in documents that lead nowhere. */
export function deadLinks(): string[] {
	return documents.flatMap((document) => {
		const text = readText(document);
		const links = [...text.matchAll(/\]\(([^)#:]+)[^):]*\)/g)].map(
			([, link = ""]) => join(dirname(document), link),
		);
		const rooms =
			/`((?:assembly|demo|docs|hosts|scripts|src|test)\/[\w./-]*)`/g;
		const named = [...text.matchAll(rooms)].map(([, path = ""]) => path);
		return [...links, ...named]
			.filter((path) => !isThere(path))
			.map((path) => `${document}: ${path}`);
	});
}

/** The kinds of events in the first column of their table, and those that there are. */
export function eventKinds(): { told: string[]; documented: string[] } {
	const declared = readText("src/host/events.ts").matchAll(
		/\bkind:((?:\s*\|?\s*"[a-z-]+")+);/g,
	);
	const told = [...declared].flatMap(([, kinds = ""]) =>
		[...kinds.matchAll(/"([a-z-]+)"/g)].map(([, kind = ""]) => kind),
	);
	const [events = ""] = readText("docs/observing.md").split("## Figures");
	const rows = events.matchAll(/^\| `([a-z-]+)`/gm);
	return { told, documented: [...rows].map(([, kind = ""]) => kind) };
}

/** The codes in the first column of their table. */
export function codesDocumented(): string[] {
	return [...readText("docs/errors.md").matchAll(/^\| `(ERR_[A-Z_]+)`/gm)].map(
		([, code = ""]) => code,
	);
}

/** `entry: name` of each export that the table of docs/stability.md has. */
export function stabilitiesDocumented(): string[] {
	const rows = readText("docs/stability.md").matchAll(
		/^\|([^|]+)\|([^|]+)\|([^|]+)\| (?:API stable|experimental) +\|$/gm,
	);
	return [...rows].flatMap(([, entries = "", names = ""]) =>
		namesIn(entries).flatMap((entry) =>
			namesIn(names).map((name) => `${entry}: ${name}`),
		),
	);
}

/** Lines of the README. */
export function readmeLines(): number {
	return readText("README.md").split("\n").length - 1;
}

function namesIn(text: string): string[] {
	return [...text.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name);
}
