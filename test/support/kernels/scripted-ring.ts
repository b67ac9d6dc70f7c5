import { onTestFinished } from "vitest";
import type { RingFile } from "../../../hosts/node/io-uring/ring-file.ts";
import { type RingScratch, ringScratch } from "./ring-scratch.ts";
import { type Script, ScriptedKernel } from "./scripted-kernel.ts";

const CAPACITY = 1 << 20;

/** A file in a kernel that a script rules, until the test ends. */
export async function scriptedRing(
	script: Script,
	{ alignment = 1, wait = "async" as "async" | "blocking" } = {},
): Promise<{ kernel: ScriptedKernel; file: RingFile; scratch: RingScratch }> {
	const kernel = new ScriptedKernel(script, CAPACITY);
	const scratch = ringScratch(kernel, wait);
	onTestFinished(() => scratch.delete());
	return { kernel, file: await scratch.open(alignment), scratch };
}

export function filled(length: number, value: number): Uint8Array {
	return new Uint8Array(length).fill(value);
}
