// The last result of `npm run test:all`, as it stands in docs/testing.md between two marks: what its parts add up to, a row for each,
// and what each counted. Rows and counts are read again when another part is added.
const BEGIN = "<!-- the last test:all -->";
const END = "<!-- its end -->";
const HEAD = `| part | commit | date | minutes | tests passed | failed | left out | mutants noticed |
| ---- | ------ | ---- | ------: | -----------: | -----: | -------: | --------------: |`;
const ROW =
	/^\| (\d+)\/(\d+) \| (.+?) \| \S+ \| \S+ \| (\S+) \| (\S+) \| (\S+) \| (\S+) of (\S+) \|$/;

/**
 * The document with what a part came to, in the place of what it came to before. Parts of another division stay, and it is said that
 * they are, until there is a whole one.
 */
export function recorded(document, result) {
	const from = document.indexOf(BEGIN);
	const to = document.indexOf(END);
	if (from < 0 || to < from) {
		throw new Error("the document has no place for the record");
	}
	const before = partsIn(document.slice(from + BEGIN.length, to).trim());
	const added = partsIn([rowOf(result), ...listsOf(result)].join("\n\n"));
	const all = [
		...before.filter(({ name }) => name !== nameOf(result)),
		...added,
	];
	const divided = all.filter(({ of }) => of === result.of);
	const parts = divided.length === result.of ? divided : all;
	parts.sort((one, other) => one.of - other.of || one.part - other.part);
	const record = [
		summaryOf(parts, result),
		[HEAD, ...parts.map(({ row }) => row)].join("\n"),
		...parts.flatMap(({ lists }) => lists),
	].join("\n\n");
	return `${document.slice(0, from)}${BEGIN}\n\n${record}\n\n${document.slice(to)}`;
}

function nameOf({ part, of }) {
	return `${part}/${of}`;
}

function partsIn(text) {
	const blocks = text.split("\n\n");
	const rows = blocks.flatMap((block) => block.split("\n"));
	return rows
		.map((row) => ROW.exec(row))
		.filter((found) => found !== null)
		.map(([row, part, of, commit, ...sums]) => {
			const name = `${part}/${of}`;
			const lists = blocks.filter((block) => block.startsWith(`Part ${name} `));
			const numbers = sums.map((sum) => Number(sum.replaceAll(",", "")));
			return { name, part: +part, of: +of, commit, row, numbers, lists };
		});
}

function rowOf({ part, of, commit, date, minutes, tests, mutants }) {
	const { passed, failed, skipped } = tests;
	const counts = [minutes, passed, failed.length, skipped].map(grouped);
	const noticed = `${grouped(mutants.noticed)} of ${grouped(mutants.tried)}`;
	return `| ${[nameOf({ part, of }), commit, date, ...counts, noticed].join(" | ")} |`;
}

function listsOf({ part, of, tests, counted }) {
	const failed = tests.failed.map((what) => `- ${what}`);
	const counts = Object.entries(counted)
		.filter(([, ofFile]) => Object.keys(ofFile).length > 0)
		.sort(([one], [other]) => (one < other ? -1 : 1))
		.map(([file, ofFile]) => `- \`${file}\`: ${listOf(ofFile)}`);
	const name = nameOf({ part, of });
	return [
		...(failed.length > 0 ? [[`Part ${name} failed in`, ...failed]] : []),
		...(counts.length > 0 ? [[`Part ${name} counted`, ...counts]] : []),
	].map((lines) => lines.join("\n"));
}

/** Of the division that was run last; and what of the record does not belong to it, or is not of its commit. */
function summaryOf(parts, { of, commit }) {
	const divided = parts.filter((part) => part.of === of);
	const sums = [0, 1, 2, 3, 4].map((column) =>
		grouped(divided.reduce((sum, { numbers }) => sum + numbers[column], 0)),
	);
	const missing = Array.from({ length: of }, (_, index) => index + 1).filter(
		(number) => divided.every(({ part }) => part !== number),
	);
	const older = divided.filter((part) => part.commit !== commit);
	const others = parts.filter((part) => part.of !== of);
	const [passed, failed, skipped, noticed, tried] = sums;
	return [
		`${divided.length} of ${of} parts were run: ${passed} tests passed, ${failed} failed, ${skipped} were left out, and ${noticed} of ${tried} mutants were noticed.`,
		...told("Not yet run", runsIn(missing)),
		...told(
			`Of another commit than ${commit}`,
			older.map(({ name }) => name),
		),
		...told(
			"Of another division",
			others.map(({ name }) => name),
		),
	].join(" ");
}

/** Numbers that ascend, those that follow one another as the first and the last of them. */
function runsIn(numbers) {
	const begins = numbers.filter((number) => !numbers.includes(number - 1));
	const ends = numbers.filter((number) => !numbers.includes(number + 1));
	return begins.map((begin, index) =>
		begin === ends[index] ? `${begin}` : `${begin} to ${ends[index]}`,
	);
}

function told(what, names) {
	return names.length > 0 ? [`${what}: ${names.join(", ")}.`] : [];
}

function listOf(counts) {
	return Object.entries(counts)
		.map(([what, count]) => `${grouped(count)} ${what}`)
		.join(", ");
}

function grouped(count) {
	return count.toLocaleString("en-US");
}
