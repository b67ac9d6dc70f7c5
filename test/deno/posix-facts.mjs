// On the directory argv[2], which posix.test.ts has filled, says as JSON what Deno's node:fs makes of it.
import { existsSync, readdirSync } from "node:fs";
import process from "node:process";
import { denoHost } from "../../build/deno.js";

const [, , directory] = process.argv;
const host = denoHost(directory);
const entries = host.list("").map(({ name, kind }) => ({ name, kind }));
const pipeFailures = ["read", "write", "replace"].map(openPipe);
const descriptors = await countDescriptors();
const removed = [await host.remove("a.link"), await host.remove("")];
const isGone = !existsSync(directory);
process.stdout.write(
	JSON.stringify({ entries, pipeFailures, descriptors, removed, isGone }),
);

function openPipe(mode) {
	try {
		host.open("pipe", mode);
		return undefined;
	} catch ({ code }) {
		return code;
	}
}

/** Before and after much that must not keep any. */
async function countDescriptors() {
	const count = () => readdirSync("/proc/self/fd").length;
	await exercise();
	const before = count();
	for (let turn = 0; turn < 20; turn++) {
		await exercise();
	}
	return [before, count()];
}

async function exercise() {
	const lock = await host.lock();
	const refused = [await host.lock(), openPipe("read")];
	await host.syncDirectory("");
	const file = host.open("file", "replace");
	await Promise.all([file.sync(), file.close()]);
	lock.release();
	return refused;
}
