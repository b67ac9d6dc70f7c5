import { isArrayBuffer } from "../../src/checks.ts";
import { failure } from "../../src/host/answers.ts";
import type { Answer, Call } from "./messages.ts";

const ANSWERS: Readonly<Record<Call, (answer: unknown) => boolean>> = {
	open: isNumberOrNothing,
	list: (answer) => isNothing(answer) || Array.isArray(answer),
	makeDirectory: isFlag,
	remove: isFlag,
	rename: isNothing,
	syncDirectory: isNothing,
	lock: isNumberOrNothing,
	lockState: isLockState,
	unlock: isNothing,
	size: (answer) => typeof answer === "number",
	read: isArrayBuffer,
	write: isNothing,
	truncate: isNothing,
	allocate: isFlag,
	sync: isNothing,
	close: isNothing,
};

/**
 * Throws for an answer that cannot belong to the call: the worker may have another version of
 * dualslot.
 */
export function checkedAnswer<C extends Call>(
	call: C,
	answer: Answer,
): Answer<C> {
	if (!ANSWERS[call](answer)) {
		const what = typeof answer;
		throw failure("EIO", `the worker answered ${call} with ${what}`);
	}
	return answer as Answer<C>;
}

function isNothing(answer: unknown): boolean {
	return answer === undefined;
}

function isNumberOrNothing(answer: unknown): boolean {
	return isNothing(answer) || typeof answer === "number";
}

function isLockState(answer: unknown): boolean {
	return answer === "held" || answer === "free" || answer === "unknown";
}

function isFlag(answer: unknown): boolean {
	return typeof answer === "boolean";
}
