import { basename, dirname, relative, resolve } from "node:path";

/** The blobs that traced-calls.mjs keeps; a row of the table says only that it is one. */
const NAMES: Readonly<Record<string, string>> = {
	"": ".",
	p: "partition",
	raw: "partition",
	"p/62": "blob",
	"p/63": "blob",
	"raw/62": "blob",
};

interface Call {
	readonly name: string;
	/** What stands behind the first parenthesis. */
	readonly rest: string;
	hasFailed: boolean;
}

/**
 * What `strace -f -y` wrote, as the calls that succeeded on a store's files between two marks, under the name of the
 * first. A call counts where it began, however long it took.
 */
export function parseTrace(
	trace: string,
	store: string,
): Map<string, readonly string[]> {
	const byMark = new Map<string, readonly string[]>();
	let current: string[] = [];
	for (const call of callsOf(trace)) {
		const mark = call.rest.match(/\/mark ([^"]*)"/)?.[1];
		if (mark !== undefined) {
			current = [];
			byMark.set(mark, current);
		} else if (!call.hasFailed) {
			current.push(...describe(call, store));
		}
	}
	byMark.delete("nothing");
	byMark.delete("end");
	return byMark;
}

/** A row's calls, with what its short forms stand for. */
export function expandCalls(calls: readonly string[]): string[] {
	return calls.flatMap((call) => {
		const [verb, file = ""] = call.split(" ");
		switch (verb) {
			case "replace":
				return expandReplace(file);
			case "persist":
				return [`open ${file}`, `fsync ${file}`];
			default:
				return [call];
		}
	});
}

function expandReplace(file: string): string[] {
	const directory = file === "blob" ? "partition" : dirname(file);
	const persisted = directory === "." ? ["."] : [directory, "."];
	return [
		"create dualslot.tmp",
		"pwrite dualslot.tmp",
		"fdatasync dualslot.tmp",
		`rename dualslot.tmp ${file}`,
		...expandCalls(persisted.map((path) => `persist ${path}`)),
	];
}

function callsOf(trace: string): Call[] {
	const calls: Call[] = [];
	const unfinished = new Map<string, Call>();
	for (const line of trace.split("\n")) {
		const [, thread = "", text = ""] = line.match(/^(\d+) +(.*)$/) ?? [];
		const resumed = text.startsWith("<...") && unfinished.get(thread);
		if (resumed) {
			resumed.hasFailed = hasFailed(text);
			continue;
		}
		const [, name, rest = ""] = text.match(/^(\w+)\((.*)$/) ?? [];
		if (name !== undefined) {
			const call = { name, rest, hasFailed: hasFailed(text) };
			calls.push(call);
			unfinished.set(thread, call);
		}
	}
	return calls;
}

function hasFailed(text: string): boolean {
	return /\) += -1 E/.test(text);
}

/** As the table says it; nothing for a call on a file that is not the store's. */
function describe({ name, rest }: Call, store: string): string[] {
	const paths = pathsOf(name, rest).map((path) => relative(store, path));
	const isForeign = paths.every((path) => /^\.\.\/./.test(path));
	if (isForeign || /access/.test(name)) {
		return [];
	}
	return [[verbOf(name, rest), ...paths.map(nameOf)].join(" ")];
}

function verbOf(name: string, rest: string): string {
	switch (name) {
		case "openat":
			return rest.includes("O_CREAT") ? "create" : "open";
		case "flock":
			return rest.includes("LOCK_UN") ? "unlock" : "lock";
		case "unlinkat":
			return rest.includes("AT_REMOVEDIR") ? "rmdir" : "unlink";
		default:
			return name.replace(/^(pwrite).*|^(\w+?)at2?$/, "$1$2");
	}
}

function pathsOf(name: string, rest: string): string[] {
	const [, base = "/"] = rest.match(/^\w+<([^>]*)>/) ?? [];
	const quoted = [...rest.matchAll(/"([^"]*)"/g)].map(([, path = ""]) => path);
	const takesPaths = /^(open|mkdir|rename|link|unlink|rmdir|f?access)/;
	return takesPaths.test(name)
		? quoted.map((path) => resolve(base, path))
		: [base];
}

function nameOf(path: string): string {
	const [, partition, blob] = path.match(/^(n\d+)(\/62)?$/) ?? [];
	if (partition !== undefined) {
		return blob === undefined ? "partition" : "blob";
	}
	const isCopy = dirname(path) === "dualslot.cut" && basename(path) !== "";
	return isCopy ? "dualslot.cut/copy" : (NAMES[path] ?? path);
}
