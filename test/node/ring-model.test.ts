import { constants } from "node:os";
import { afterEach, assert, expect, test } from "vitest";
import { systemKernel } from "../../hosts/node/io-uring/kernel.ts";
import { InjectingKernel } from "../support/kernels/injecting-kernel.ts";
import { RingModel } from "../support/kernels/ring-model.ts";
import {
	type RingScratch,
	ringScratch,
} from "../support/kernels/ring-scratch.ts";
import { ringTest } from "../support/kernels/ring-suite.ts";
import { ScriptedKernel } from "../support/kernels/scripted-kernel.ts";
import { type Random, seeded } from "../support/runs/prng.ts";
import { SHARE, shareOf, tellCount } from "../support/runs/share.ts";

const MINUTES = 60_000;
const OPERATIONS = 500_000;
/** With these, whatever the seed, each depth and each way to fail comes up. */
const OPERATIONS_LEAST = 8_000;
const { EAGAIN, EBUSY, EINTR, EIO } = constants.errno;

let scratch: RingScratch | undefined;

afterEach(() => scratch?.delete());

test(
	"random operations at any depth find and leave the right bytes, in a kernel that completes them in any order, in part, or not",
	{ timeout: 5 * MINUTES },
	seeded(async (random) => {
		const kernel = scriptedAtRandom(random);
		scratch = ringScratch(kernel);
		const file = await scratch.open();
		const model = new RingModel(file, random);
		await model.run(shareOf(OPERATIONS, OPERATIONS_LEAST));
		await file.close();
		expect(model.outcome.deepest).toBeGreaterThan(256);
		report(random, model);
	}),
);

ringTest(
	"random operations at any depth find and leave the right bytes, in this machine's kernel, which is asked for less than it was, or for what is not there",
	seeded(async (random) => {
		const system = await systemKernel();
		assert(system !== undefined, "this machine has no io_uring");
		const rates = { short: 50, error: 10, refusal: 20 };
		const kernel = new InjectingKernel(system, random, rates);
		scratch = ringScratch(kernel);
		const file = await scratch.open();
		const model = new RingModel(file, random);
		await model.run(shareOf(OPERATIONS, OPERATIONS_LEAST));
		await file.close();
		expect(Math.min(...Object.values(kernel.counts))).toBeGreaterThan(
			SHARE < 1 ? 10 : 100,
		);
		report(random, model);
	}),
	5 * MINUTES,
);

function report(random: Random, { outcome }: RingModel): void {
	console.log(`seed ${random.seed}: ${JSON.stringify(outcome)}`);
	tellCount(outcome.operations, "operations of a ring");
}

function scriptedAtRandom(random: Random): ScriptedKernel {
	const isStruck = (perMille: number) => random.integer(0, 1000) < perMille;
	return new ScriptedKernel(
		{
			takesFixedVectors: random.integer(0, 2) === 0,
			enterError: () =>
				isStruck(30) ? random.pick([EINTR, EAGAIN, EBUSY]) : undefined,
			takes: (handed) =>
				isStruck(50) ? random.integer(0, handed + 1) : handed,
			next: (inFlight) =>
				inFlight.length > 0 && !isStruck(200)
					? random.pick(inFlight)
					: undefined,
			result: (_, length) => {
				if (isStruck(20)) {
					return -random.pick([EINTR, EAGAIN, EIO]);
				}
				return length > 1 && isStruck(50) ? random.integer(1, length) : length;
			},
		},
		512 * 1024,
	);
}
