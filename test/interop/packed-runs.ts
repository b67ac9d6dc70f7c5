import { chosenSeed, Random } from "../support/runs/prng.ts";
import { sharedRounds } from "../support/runs/share.ts";
import { inScratch } from "./packed-scratch.ts";
import type { PackedWriter } from "./packed-writers.ts";

/** Of the first script of each test; the next ones have those that follow. */
export const SEED = chosenSeed();

/** Something random to do, and what was done of it. */
export interface RandomScript {
	readonly lines: readonly string[];
	run(): Promise<void>;
}

/** Runs the share of so many scripts, each with its own seed and directory; where one fails, says which seed repeats it. */
export async function runScripts(
	count: number,
	makeScript: (random: Random, parent: string) => RandomScript,
	least?: number,
): Promise<void> {
	const rounds = sharedRounds(count, "scripts of a packed store", least);
	for (const index of rounds) {
		const random = new Random(SEED + index);
		await inScratch(async (parent) => {
			const script = makeScript(random, parent);
			try {
				await script.run();
			} catch (cause) {
				const message = cause instanceof Error ? cause.message : cause;
				throw new Error(
					`fails with DUALSLOT_SEED=${SEED + index} as the first: ${message}\n${script.lines.join("\n")}`,
					{ cause },
				);
			}
		});
	}
}

/** Ends all of them, however it goes. */
export async function withWriters<Writers extends readonly PackedWriter[]>(
	writers: Writers,
	use: (writers: Writers) => Promise<void>,
): Promise<void> {
	try {
		await use(writers);
	} finally {
		for (const writer of writers) {
			await writer.end();
		}
	}
}
