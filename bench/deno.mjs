import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const DENO = fileURLToPath(
	new URL("../node_modules/.bin/deno", import.meta.url),
);

/**
 * Runs a script of this directory in the Deno that npm installed. It says its `hello` first, and then answers each
 * number that it is asked: JSON, a line each.
 */
export async function startDeno(script) {
	const path = fileURLToPath(new URL(script, import.meta.url));
	const child = spawn(DENO, ["run", "--allow-all", "--quiet", path], {
		stdio: ["pipe", "pipe", "inherit"],
	});
	const ended = once(child, "close");
	const lines = createInterface({ input: child.stdout })[
		Symbol.asyncIterator
	]();
	const next = async () => {
		const { done, value } = await lines.next();
		if (done) {
			throw new Error(`${script} ended in Deno: ${await ended}`);
		}
		return JSON.parse(value);
	};
	return {
		hello: await next(),
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
