// node appending.mjs name kind directory bytes: opens a contender's store, says what that took, fills it up to so many
// bytes, and appends until it is killed.
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { JOURNALS, storeNamed } from "./contenders.mjs";

const WARM_UP = 3;
const MIB = 2 ** 20;

const [name, kind, directory, bytes] = process.argv.slice(2);
const { stored } = JOURNALS[kind];
const Store = storeNamed(name, kind);
const perMiB = MIB / stored.size;

await warmUp(made("warm-up"));
const path = made("store");
const readBefore = bytesRead();
const start = performance.now();
const store = await Store.open(path, stored);
const elapsed = (performance.now() - start) * 1e6;
say({ elapsed, read: bytesRead() - readBefore });
while (store.length < Number(bytes) / stored.size) {
	await fill(16 * perMiB);
}
for (;;) {
	say({ isFilled: true });
	await fill(perMiB);
}

function made(part) {
	const path = join(directory, part);
	mkdirSync(path, { recursive: true });
	return path;
}

/** Other rounds of the bench, too, find their code compiled. */
async function warmUp(scratch) {
	for (let round = 0; round < WARM_UP; round += 1) {
		const store = await Store.open(scratch, stored);
		await store.fill(1);
		await store.close();
	}
}

function fill(count) {
	return store.fillMany?.(count) ?? store.fill(count);
}

function say(message) {
	process.send({ length: store.length, ...message });
}

/** By calls, in this process; what is read of a mapped file is not among them. */
function bytesRead() {
	const counts = readFileSync("/proc/self/io", "utf8");
	return Number(/^rchar: (\d+)$/m.exec(counts)[1]);
}
