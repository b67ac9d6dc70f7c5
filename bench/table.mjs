// One table for each row. A ratio says how many times longer (or more) than dualslot's the contender's median is, so
// that a goal for a ratio is always "at least"; a goal for dualslot itself is a time, "at most". dualslot is the first
// contender, or the one that another names in `against`.

const HEAD = ["contender", "median", "÷ dualslot", "goal", ""];

export function printRow({ title, metrics, contenders }, samples) {
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
	const medians = samples.map(of);
	const names = contenders.map(({ name }) => name);
	return contenders.map(({ name, goals, against = names[0] }, index) => {
		const reference = names.indexOf(against);
		const ratio = ratioOf(samples[index], samples[reference]);
		const goal = goals?.[metric];
		return [
			metric === "time" ? name : `${name}, ${metric}`,
			format(medians[index]),
			ratio.toFixed(2),
			...(goal === undefined ? ["", ""] : judged(goal, medians[index], ratio)),
		];
	});
}

function judged({ ratio: least, atMost }, value, ratio) {
	const isMet = atMost === undefined ? ratio >= least : value <= atMost;
	return [
		atMost === undefined ? `≥ ${least.toFixed(2)}` : `≤ ${time(atMost)}`,
		isMet ? "met" : "MISSED",
	];
}

/** Names to the left, numbers to the right. */
function aligned(cells, widths) {
	return cells
		.map((cell, column) =>
			column === 0 || column === 4
				? cell.padEnd(widths[column])
				: cell.padStart(widths[column]),
		)
		.join("   ")
		.trimEnd();
}
