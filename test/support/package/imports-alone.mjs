// Imports dualslot where there is no setImmediate, as in a browser, and with "work" opens a store and keeps the engine busy too.
// Prints how many message channels there were by then. Nothing is closed: it is to end by itself.
import process from "node:process";
import { builtHost } from "../hosts/built-host.mjs";

const { MessageChannel } = globalThis;
let made = 0;
globalThis.MessageChannel = class extends MessageChannel {
	constructor() {
		super();
		made += 1;
	}
};
delete globalThis.setImmediate;

const [runtime, what] = process.argv.slice(2);
const { memoryHost, openStorage } = await builtHost("memory");
await builtHost(runtime);
if (what === "work") {
	const storage = await openStorage(memoryHost());
	const blob = await storage.open("partition", "name");
	const begin = performance.now();
	while (performance.now() - begin < 50) {
		await blob.writeSync(0, new Uint8Array(100));
	}
}
console.log(made);
