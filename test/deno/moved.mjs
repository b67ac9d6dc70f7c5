// Moves the store in argv[2] to argv[3] while it is open, makes another one under its name, and says as JSON what each answers.
import { renameSync } from "node:fs";
import process from "node:process";
import { openStorage } from "../../build/deno.js";

const [, , path, moved] = process.argv;
const codeOf = ({ code }) => code;
const old = await openStorage(path);
const kept = await old.open("kept", "name");
await kept.writeSync(0, new Uint8Array([1, 2, 3]));
renameSync(path, moved);
const fresh = await openStorage(path);
const written = await fresh.open("kept", "name");
await written.writeSync(0, new Uint8Array([4]));
const refusals = [
	await old.open("another", "name").catch(codeOf),
	await old.remove("kept").catch(codeOf),
	await old.close().catch(codeOf),
];
await fresh.close();
const sizes = [];
for (const at of [path, moved]) {
	const store = await openStorage(at);
	const blob = await store.open("kept", "name");
	sizes.push(blob.size);
	await store.close();
}
process.stdout.write(JSON.stringify({ refusals, sizes }));
