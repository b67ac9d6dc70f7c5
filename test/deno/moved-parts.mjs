// In a store in argv[2] moves a partition, and then the directory under a reader, has others in their places, and says as JSON what each
// call answers, what lies in the partition's place, and how long the blob is that was moved with it.
import {
	existsSync,
	mkdirSync,
	readdirSync,
	renameSync,
	writeFileSync,
} from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { openStorage } from "../../build/deno.js";

const [, , directory] = process.argv;
const path = join(directory, "store");
const partition = join(path, "kept");
const aside = join(directory, "aside");
const codeOf = ({ code }) => code;
const codesOf = (calls) => Promise.all(calls.map((call) => call.catch(codeOf)));

const old = await openStorage(path);
const kept = await old.open("kept", "name");
await kept.writeSync(0, new Uint8Array([1, 2, 3]));
renameSync(partition, aside);
mkdirSync(partition);
writeFileSync(join(partition, "6e616d65"), "");
const refusals = await codesOf([
	...[old.open("kept", "another"), old.remove("kept"), old.scan("kept")],
]);
refusals.push(await old.close().catch(codeOf));
const names = readdirSync(partition);
const isMarked = existsSync(join(path, "dualslot.open"));

renameSync(partition, join(directory, "other"));
renameSync(aside, partition);
const reader = await openStorage(path, { readOnly: true });
const { size } = await reader.open("kept", "name");
renameSync(path, join(directory, "moved"));
await (await openStorage(path)).close();
const answers = await codesOf([
	...[reader.open("kept", "another"), reader.scan("kept")],
]);
await reader.close();
process.stdout.write(
	JSON.stringify({ refusals, reader: answers, names, isMarked, size }),
);
