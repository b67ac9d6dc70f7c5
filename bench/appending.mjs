// node appending.mjs name kind directory bytes: opens a contender's store, says what that took, fills it up to so many
// bytes, and appends until it is killed. A smaller store comes first, which the same kills have left: other rounds of the
// bench, too, find their code compiled.
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { JOURNALS, storeNamed } from "./contenders.mjs";

const MIB = 2 ** 20;
const WARM_UP = 16 * MIB;
/** Where two stores take more, V8 collects garbage while it opens the second. */
const SMALL = { dualslot: { memory: 8 * MIB } };

const [name, kind, directory, bytes] = process.argv.slice(2);
const { stored } = JOURNALS[kind];
const Store = storeNamed(name, kind);
const perMiB = MIB / stored.size;

const small = await Store.open(made("small"), stored, SMALL[name]);
const path = made("large");
const readBefore = bytesRead();
const start = performance.now();
const store = await Store.open(path, stored);
const elapsed = (performance.now() - start) * 1e6;
say({ elapsed, read: bytesRead() - readBefore });
await fillUp(small, WARM_UP);
await fillUp(store, Number(bytes));
for (;;) {
	say({ isFilled: true });
	await fill(small, 1);
	await fill(store, perMiB);
}

function made(part) {
	const path = join(directory, part);
	mkdirSync(path, { recursive: true });
	return path;
}

async function fillUp(filled, size) {
	while (filled.length < size / stored.size) {
		await fill(filled, 16 * perMiB);
	}
}

function fill(filled, count) {
	return filled.fillMany?.(count) ?? filled.fill(count);
}

function say(message) {
	process.send({ length: store.length, ...message });
}

/** By calls, in this process; what is read of a mapped file is not among them. */
function bytesRead() {
	const counts = readFileSync("/proc/self/io", "utf8");
	return Number(/^rchar: (\d+)$/m.exec(counts)[1]);
}
