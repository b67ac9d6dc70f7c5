import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { type CommandLine, commandLine } from "../support/package/programs.ts";
import type { Driven } from "./driven.ts";
import { MARK } from "./lines.ts";

/** Runs a script in the Deno that npm installed. */
export function driveDeno<Hello, Answer>(
	script: string,
): Promise<Driven<Hello, Answer>> {
	return drive(commandLine("deno", script));
}

/** Runs a script in another process of the Node that runs this one. */
export function driveNode<Hello, Answer>(
	script: string,
): Promise<Driven<Hello, Answer>> {
	return drive(commandLine("node", script));
}

async function drive<Hello, Answer>([
	command,
	...options
]: CommandLine): Promise<Driven<Hello, Answer>> {
	const child = spawn(command, options, { stdio: ["pipe", "pipe", "inherit"] });
	const ended = once(child, "close");
	const messages = messagesOf(createInterface({ input: child.stdout }));
	const next = async () => {
		const { done, value } = await messages.next();
		if (done) {
			throw new Error(`${command} ended: ${String(await ended)}`);
		}
		return JSON.parse(value);
	};
	const { version, hello }: { version: string; hello: Hello } = await next();
	return {
		version,
		hello,
		ask(number) {
			child.stdin.write(`${number}\n`);
			return next();
		},
		async close() {
			child.stdin.end();
			await ended;
		},
	};
}

/** The lines that are for the driver. Those for people are printed together, when one for the driver comes. */
async function* messagesOf(
	lines: AsyncIterable<string>,
): AsyncGenerator<string> {
	let told: string[] = [];
	for await (const line of lines) {
		if (!line.startsWith(MARK)) {
			told.push(line);
			continue;
		}
		if (told.length > 0) {
			console.log(told.join("\n"));
			told = [];
		}
		yield line.slice(MARK.length);
	}
}
