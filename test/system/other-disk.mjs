// Makes a blob in each partition of the store argv[2] that argv[3] and those behind it name, links being followed; says
// as JSON of each what came of it.
import process from "node:process";
import { openStorage } from "../../build/node.js";

const [, , directory, ...partitions] = process.argv;
const storage = await openStorage(directory, { links: "follow" });
const outcomes = [];
for (const partition of partitions) {
	outcomes.push(await outcomeOf(partition));
}
await storage.close();
process.stdout.write(JSON.stringify(outcomes));

async function outcomeOf(partition) {
	try {
		const blob = await storage.open(partition, "blob");
		await blob.write(0, new Uint8Array(100).fill(7));
		await blob.sync();
		await blob.close();
		return "kept";
	} catch (error) {
		return { code: error.code, cause: error.cause?.code };
	}
}
