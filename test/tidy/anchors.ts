import { dirname, join } from "node:path";
import { documents } from "./documents.ts";
import { isThere, readText } from "./sources.ts";

/** Links into documents whose place is not there, as GitHub names places. */
export function deadAnchors(): string[] {
	return documents.flatMap((document) => {
		const links = [
			...readText(document).matchAll(/\]\(([^)#:\s]*)#([^)\s]+)\)/g),
		].map(([, path = "", anchor = ""]) => ({
			path: path === "" ? document : join(dirname(document), path),
			anchor,
		}));
		return links
			.filter(({ path }) => path.endsWith(".md") && isThere(path))
			.filter(({ path, anchor }) => !anchorsOf(path).has(anchor))
			.map(({ path, anchor }) => `${document}: ${path}#${anchor}`);
	});
}

const known = new Map<string, ReadonlySet<string>>();

function anchorsOf(document: string): ReadonlySet<string> {
	const anchors = known.get(document) ?? readAnchors(readText(document));
	known.set(document, anchors);
	return anchors;
}

/** Of headings, of which a later one that reads the same has a number; and those that are set. */
function readAnchors(text: string): ReadonlySet<string> {
	const prose = text.replaceAll(/^```[\s\S]*?^```/gm, "");
	const set = [...prose.matchAll(/<a id="([^"]+)">/g)].map(
		([, anchor = ""]) => anchor,
	);
	const counts = new Map<string, number>();
	const ofHeadings = [...prose.matchAll(/^#+ (.+)$/gm)].map(
		([, title = ""]) => {
			const anchor = anchorOf(title);
			const count = counts.get(anchor) ?? 0;
			counts.set(anchor, count + 1);
			return count === 0 ? anchor : `${anchor}-${count}`;
		},
	);
	return new Set([...set, ...ofHeadings]);
}

function anchorOf(title: string): string {
	return title
		.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1")
		.toLowerCase()
		.replaceAll(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, "")
		.replaceAll(" ", "-");
}
