// One table for each row. A ratio says how many times longer (or more) than dualslot's the contender's median is, so
// that a goal for a ratio is always "at least"; a goal for dualslot itself is a time, "at most". dualslot is the first
// contender, or the one that another names in `against`; where it names several, each has a line.

const HEAD = ["contender", "median", "÷ dualslot", "goal", ""];

export function printRow({ title, metrics, contenders, notes }, samples) {
	const lines = metrics.flatMap((metric) =>
		linesOf(metric, contenders, samples),
	);
	const table = [HEAD, ...lines];
	const widths = HEAD.map((_, column) =>
		Math.max(...table.map((cells) => cells[column].length)),
	);
	console.log(`\n${title}`);
	for (const cells of table) {
		console.log(`  ${aligned(cells, widths)}`);
	}
	for (const note of notes?.() ?? []) {
		console.log(`  ${note}`);
	}
}

export function time(nanoseconds) {
	const [scale, unit] =
		nanoseconds < 1e3
			? [1, "ns"]
			: nanoseconds < 1e6
				? [1e3, "µs"]
				: [1e6, "ms"];
	return `${(nanoseconds / scale).toPrecision(3)} ${unit}`;
}

export function bytes(count) {
	return count < 2 ** 20
		? `${(count / 2 ** 10).toFixed(1)} KiB`
		: `${(count / 2 ** 20).toFixed(1)} MiB`;
}

function linesOf(
	{ name: metric, of, format, ratio: ratioOf = (a, b) => of(a) / of(b) },
	contenders,
	samples,
) {
	const names = contenders.map(({ name }) => name);
	return contenders.flatMap(({ name, goals, against = names[0] }, index) => {
		const own = samples[index];
		const head = metric === "time" ? name : `${name}, ${metric}`;
		return [against].flat().map((reference, line) => {
			const ratio = ratioOf(own, samples[names.indexOf(reference)]);
			return [
				...(line === 0 ? [head, format(of(own))] : [`    ÷ ${reference}`, ""]),
				ratio.toFixed(2),
				...judged(goals?.[metric], of(own), ratio),
			];
		});
	});
}

function judged(goal, value, ratio) {
	if (goal === undefined) {
		return ["", ""];
	}
	const { ratio: least, atMost } = goal;
	const isMet = atMost === undefined ? ratio >= least : value <= atMost;
	return [
		atMost === undefined ? `≥ ${least.toFixed(2)}` : `≤ ${time(atMost)}`,
		isMet ? "met" : "MISSED",
	];
}

/** Names to the left, numbers to the right. */
export function aligned(cells, widths) {
	return cells
		.map((cell, column) =>
			column === 0 || column === widths.length - 1
				? cell.padEnd(widths[column])
				: cell.padStart(widths[column]),
		)
		.join("   ")
		.trimEnd();
}
