import process from "node:process";
import { createInterface } from "node:readline";
import type { Script } from "./driven.ts";

/** Begins a line that is for the driver. Every other line is for people. */
export const MARK = "\u0001";

/** Says where it runs and hello on a line of the output, and then answers each line of the input. */
export async function answerLines<Hello, Answer>({
	hello,
	ask,
}: Script<Hello, Answer>): Promise<void> {
	say({ version: version(), hello });
	for await (const line of createInterface({ input: process.stdin })) {
		say(await ask(Number(line)));
	}
}

function version(): string {
	const { deno, node, v8 } = process.versions;
	return `${deno === undefined ? `Node ${node}` : `Deno ${deno}`}, V8 ${v8}`;
}

function say(message: unknown): void {
	console.log(`${MARK}${JSON.stringify(message)}`);
}
