// Opens the store in argv[2], says as JSON what a journal there holds, of which records and in what sections, and appends one more.
import process from "node:process";
import { FixedJournal, PageCache } from "../../build/index.js";
import { openStorage } from "../../build/node.js";

const storage = await openStorage(process.argv[2]);
const cache = new PageCache(storage, { pageSize: 512, pages: 16 });
const options = { partition: "numbers", cache, entry: { size: 4 } };
const journal = await FixedJournal.open(storage, options);
const found = [];
for await (const { section, entry } of journal.replay()) {
	found.push([Number(section), entry[0]]);
}
await journal.append(
	BigInt(found.length),
	new Uint8Array(4).fill(found.length),
);
await journal.sync(BigInt(found.length));
const names = await storage.scan("numbers");
await storage.close();
process.stdout.write(JSON.stringify({ found, blobs: names.length }));
