// The last result of `npm run test:all`, as it stands in docs/testing.md between two marks: a paragraph and a list for each part.
const BEGIN = "<!-- the last test:all -->";
const END = "<!-- its end -->";

/**
 * The document with what a part came to. Parts of the same division stay, whichever commit they are of, and each says it; those of
 * another division go.
 */
export function recorded(document, { part, of, ...result }) {
	const from = document.indexOf(BEGIN);
	const to = document.indexOf(END);
	if (from < 0 || to < from) {
		throw new Error("the document has no place for the record");
	}
	const kept = document
		.slice(from + BEGIN.length, to)
		.split(/\n(?=\*\*Part )/)
		.map((text) => text.trim())
		.filter((text) => numbersOf(text)?.of === of)
		.filter((text) => numbersOf(text)?.part !== part);
	const parts = [...kept, textOf({ part, of, ...result })].sort(
		(one, other) => numbersOf(one).part - numbersOf(other).part,
	);
	return `${document.slice(0, from)}${BEGIN}\n\n${parts.join("\n\n")}\n\n${document.slice(to)}`;
}

function numbersOf(text) {
	const [, part, of] = /^\*\*Part (\d+) of (\d+)\*\*/.exec(text) ?? [];
	return part === undefined ? undefined : { part: +part, of: +of };
}

function textOf({ part, of, commit, date, tests, counted, mutants }) {
	const { passed, failed, skipped, broken } = tests;
	const ended = [
		`${grouped(passed)} tests passed`,
		`${grouped(failed + broken.length)} failed`,
		`${grouped(skipped)} left out`,
		`${grouped(mutants.noticed)} of ${grouped(mutants.tried)} mutants noticed`,
	];
	const lines = Object.entries(counted)
		.filter(([, counts]) => Object.keys(counts).length > 0)
		.sort(([one], [other]) => (one < other ? -1 : 1))
		.map(([file, counts]) => `- \`${file}\`: ${listOf(counts)}`);
	const head = `**Part ${part} of ${of}**, commit ${commit}, ${date}: ${ended.join(", ")}.`;
	return [head, ...(lines.length > 0 ? ["", ...lines] : [])].join("\n");
}

function listOf(counts) {
	return Object.entries(counts)
		.map(([what, count]) => `${grouped(count)} ${what}`)
		.join(", ");
}

function grouped(count) {
	return count.toLocaleString("en-US");
}
