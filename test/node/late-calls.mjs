// Opens, closes and asks files of the directory at argv[2], by 'ring' or 'calls' (argv[3]), after their close too, and exits while
// calls are under way. Tells as JSON what each late call failed with, and what the file that was opened since holds.
import { nodeHost } from "../../build/node.js";

const BYTES = 8;
const [path, io] = process.argv.slice(2);

const host = nodeHost(path, { io });
host.makeDirectory("");
const late = await host.open("late", "replace");
await late.write([filled(1)], 0);
await late.close();
// Its ring is gone by now.
const codes = await refusals();
const other = await host.open("other", "replace");
await other.write([filled(2)], 0);
codes.push(...(await refusals()));
await late.close();
const found = filled(0);
await other.read([found], 0);
console.log(JSON.stringify({ codes, found: [...found] }));
for (let at = 0; at < 100; at += 1) {
	other.write([filled(at)], at * BYTES);
	other.sync();
}
other.close();
late.close();
process.exit(0);

async function refusals() {
	const calls = [
		() => late.write([filled(9)], 0),
		() => late.read([filled(0)], 0),
		() => late.sync(),
	];
	const results = await Promise.allSettled(calls.map(async (call) => call()));
	return results.map(({ reason }) => reason?.code);
}

function filled(value) {
	return new Uint8Array(BYTES).fill(value);
}
