// holt itself: the programs that test/interop compares dualslot with, built in release, one running for each store.
import { bundled } from "./bundled.mjs";

const { buildHolt, HoltProgram } = await bundled(
	new URL("../test/interop/holt-programs.ts", import.meta.url),
);

/** Whether there is a program to measure. The first build takes minutes; says so where cargo is missing or fails. */
export function isHoltBuilt({ release, transfers }) {
	try {
		buildHolt(release, transfers);
		return true;
	} catch (error) {
		console.error(`\nwithout holt ${release}, ${transfers}: ${error.message}`);
		return false;
	}
}

/** A program with a store open in a directory. */
export async function startHolt(directory, { release, transfers }) {
	const program = new HoltProgram(release, transfers);
	const ask = async (line) => {
		const answer = await program.ask(line);
		if (/^(error|corrupt|missing|short|locked)/.test(answer)) {
			program.stop();
			throw new Error(`holt ${release}, ${line}: ${answer}`);
		}
		return answer;
	};
	await ask(`open ${directory}`);
	return {
		ask,
		async close() {
			await ask("close");
			program.stop();
		},
	};
}
