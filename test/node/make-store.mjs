// With the umask argv[4], makes a store with one partition, or a packed one, in the directory argv[3], in the runtime argv[2]
// (node, deno), with the options of openStorage that argv[5] has as JSON.
import process from "node:process";
import { Glob } from "../../build/index.js";

const [, , runtime, directory, umask, options, kind] = process.argv;
const host = await import(`../../build/${runtime}.js`);
process.umask(Number.parseInt(umask, 8));
await (kind === "packed" ? makePacked() : makeStore());

async function makeStore() {
	const storage = await host.openStorage(directory, JSON.parse(options));
	const blob = await storage.open("p", "blob");
	await blob.write(0, new Uint8Array(1));
	// Another partition than before, and so another dualslot.json.
	const partition = kind === "replace" ? "others" : "values";
	const glob = await Glob.open(storage, { partition });
	await glob.append(0n, new Uint8Array(1));
	await storage.close();
}

async function makePacked() {
	const directIO = "off";
	const given = { directIO, ...JSON.parse(options) };
	const store = await host.openPackedStore(directory, given);
	await store.close();
}
