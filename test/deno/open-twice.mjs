// Opens the store in argv[2] twice at the same time, and says as JSON how that ended: for who asks while it is open, and
// for who waits until it is closed.
import process from "node:process";
import { openStorage } from "../../build/deno.js";

const [, , directory] = process.argv;
const first = await openStorage(directory);
const refusal = await openStorage(directory).catch(({ code }) => code);
const waiting = openStorage(directory, { wait: 60_000 });
await first.close();
const second = await waiting;
await second.close();
process.stdout.write(
	JSON.stringify({ refusal, name: second.host.capabilities.name }),
);
