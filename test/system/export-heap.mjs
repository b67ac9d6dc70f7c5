// node --expose-gc export-heap.mjs <directory>: exports a store several times, and prints the bytes of heap in use after each.
import { openStorage } from "dualslot/node";
import { exportTo } from "dualslot/transfer";

const MEBIBYTE = 1024 * 1024;
const [, , directory = ""] = process.argv;
const storage = await openStorage(directory);
const part = new Uint8Array(4 * MEBIBYTE).fill(7);
const blob = await storage.open("large", Uint8Array.of(1));
for (let index = 0; index < 32; index += 1) {
	await blob.write(index * part.length, part);
}
await blob.sync();
const used = [];
for (let turn = 0; turn < 4; turn += 1) {
	await exportTo(storage, new WritableStream());
	globalThis.gc();
	used.push(process.memoryUsage().heapUsed);
}
await storage.close();
console.log(JSON.stringify(used));
