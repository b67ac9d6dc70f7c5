// Contenders take turns within one run, so that a machine that slows down for a while slows all of them: each round
// runs every contender once, and the next round starts with another.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc");

/**
 * Answers the samples of each contender, in their order. The rounds that warm all of them up do not count. In a tidy row
 * no contender clears away what another has left behind.
 */
export async function measureRow({ warmUp, rounds, isTidy, contenders }) {
	await measureRounds(warmUp, isTidy, contenders);
	return measureRounds(rounds, isTidy, contenders);
}

async function measureRounds(rounds, isTidy, contenders) {
	const samples = contenders.map(() => []);
	for (let round = 0; round < rounds; round += 1) {
		for (let turn = 0; turn < contenders.length; turn += 1) {
			const index = (round + turn) % contenders.length;
			if (isTidy) {
				collectGarbage();
			}
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

/** Of two contenders with one sample a round each: how noise that lasts longer than a round drops out. */
export function medianOfRatios(samples, references) {
	return median(samples.map((sample, round) => sample / references[round]));
}

/** How many nanoseconds a call takes, or the promise that it answers, by a clock that counts milliseconds. */
export async function timed(call, clock = performance) {
	const start = clock.now();
	const answer = call();
	if (answer instanceof Promise) {
		await answer;
	}
	return (clock.now() - start) * 1e6;
}
