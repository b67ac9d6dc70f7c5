// node compressing.mjs write|read   keeps compressed records, or finds those that another runtime has kept
import { Glob, PageCache, VariableJournal } from "dualslot";
import { openStorage } from "dualslot/node";

const RECORDS = ["", "one ".repeat(1000), "\u20ac".repeat(70_000)];

const storage = await openStorage("compressed");
const cache = new PageCache(storage, { pageSize: 512, pages: 4 });
const compression = 3;
const items = { partition: "items", cache, compression };
const journal = await VariableJournal.open(storage, items);
const glob = await Glob.open(storage, { partition: "values", compression });
if (process.argv[2] === "write") {
	await write();
} else {
	await read();
}
await journal.close();
await glob.close();
await storage.close();
console.log("kept");

async function write() {
	for (const record of RECORDS) {
		const bytes = new TextEncoder().encode(record);
		const { offset, size } = await glob.append(1n, bytes);
		await journal.append(1n, bytes);
		await journal.append(2n, new TextEncoder().encode(`${offset} ${size}`));
	}
}

async function read() {
	const [texts, places] = [await textsOf(1n), await textsOf(2n)];
	for (const [index, place] of places.entries()) {
		const [offset, size] = place.split(" ").map(Number);
		const value = new TextDecoder().decode(await glob.get(1n, offset, size));
		const record = RECORDS[index % RECORDS.length];
		if (texts[index] !== record || value !== record) {
			throw new Error(`record ${index} is another one`);
		}
	}
	if (places.length === 0) {
		throw new Error("there are no records");
	}
}

async function textsOf(section) {
	const texts = [];
	for await (const replayed of journal.replay({ from: section })) {
		if (replayed.section === section) {
			texts.push(new TextDecoder().decode(replayed.item));
		}
	}
	return texts;
}
