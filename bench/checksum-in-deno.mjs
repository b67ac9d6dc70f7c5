// Deno's side of the row: tells its version and its contenders, and measures one of them for each number that it reads.
import { createInterface } from "node:readline";
import { memoryHost, openStorage } from "../build/memory.js";
import { checksumContenders } from "./checksum.mjs";
import { compileSlice16 } from "./slice16.mjs";

const { core, arena } = await openStorage(memoryHost());
const slice16 = await compileSlice16();
const contenders = await checksumContenders({ core, arena, slice16 });
console.log(
	JSON.stringify({
		version: Deno.version.deno,
		contenders: contenders.map(({ measure, ...rest }) => rest),
	}),
);
for await (const line of createInterface({ input: process.stdin })) {
	console.log(JSON.stringify(contenders[Number(line)].measure()));
}
