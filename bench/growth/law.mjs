/** Noise, and what is paid once, bend an exponent by less. */
const TOLERANCE = 0.15;

/** The slope of the straight line that fits logarithms of times best, over those of sizes. */
export function exponentOf(sizes, times) {
	const xs = sizes.map(Math.log);
	const ys = times.map(Math.log);
	const [x, y] = [mean(xs), mean(ys)];
	const together = xs.map((one, index) => (one - x) * (ys[index] - y));
	const spread = xs.map((one) => (one - x) ** 2);
	return mean(together) / mean(spread);
}

export function isBeyond(exponent, goal) {
	return exponent > goal + TOLERANCE;
}

function mean(values) {
	return values.reduce((sum, value) => sum + value, 0) / values.length;
}
