// commonware itself: the program that test/interop compares dualslot with, built in release.
import { bundled } from "./bundled.mjs";

const { buildProgram, CommonwareProgram, RELEASES } = await bundled(
	new URL("../test/interop/programs.ts", import.meta.url),
);

/** The newest that there is a program for. */
export const RELEASE = RELEASES.at(-1);

/** Of all stores that it has measured, one after the other: what V8 keeps for the others, its allocator keeps for them. */
let running;

/** Whether there is a program to measure. The first build takes minutes; says so where cargo is missing or fails. */
export function isBuilt() {
	try {
		buildProgram(RELEASE);
		return true;
	} catch (error) {
		console.error(`\nwithout commonware ${RELEASE}: ${error.message}`);
		return false;
	}
}

/** Asks the program, which is started on the first question. Rejects where the answer is an error's. */
export async function ask(line) {
	running ??= new CommonwareProgram(RELEASE);
	const answer = await running.ask(line);
	if (answer !== "ok" && !/^[\d ]+$/.test(answer)) {
		throw new Error(`commonware ${RELEASE}, ${line}: ${answer}`);
	}
	return answer;
}

/** The program goes on until then, and with it this process. */
export function stopCommonware() {
	running?.stop();
}
