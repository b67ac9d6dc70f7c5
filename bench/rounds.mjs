// Contenders take turns within one run, so that a machine that slows down for a while slows all of them: each round
// runs every contender once, and the next round starts with another.

export const WARM_UP = 1;

/** Answers the samples of each contender, in their order. A first round warms all of them up, and does not count. */
export async function measureRow({ rounds, contenders }) {
	await measureRounds(WARM_UP, contenders);
	return measureRounds(rounds, contenders);
}

async function measureRounds(rounds, contenders) {
	const samples = contenders.map(() => []);
	for (let round = 0; round < rounds; round += 1) {
		for (let turn = 0; turn < contenders.length; turn += 1) {
			const index = (round + turn) % contenders.length;
			samples[index].push(...(await contenders[index].measure()));
		}
	}
	return samples;
}

/** The sample that a share of them does not exceed. */
export function quantile(samples, share) {
	const sorted = samples.toSorted((a, b) => a - b);
	return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}

export function median(samples) {
	return quantile(samples, 0.5);
}

/** How many nanoseconds a call takes, or the promise that it answers. */
export async function timed(call) {
	const start = performance.now();
	const answer = call();
	if (answer instanceof Promise) {
		await answer;
	}
	return (performance.now() - start) * 1e6;
}
