// Through the host argv[2], has the store argv[3] open, with a blob in it, until it is killed or its input ends.
import process from "node:process";
import { builtHost } from "./built-host.mjs";

const [, , name, directory] = process.argv;
const { openStorage } = await builtHost(name);
const storage = await openStorage(directory);
const blob = await storage.open("partition", "name");
await blob.writeSync(0, new Uint8Array(8));
process.stdout.write(`${JSON.stringify({ pid: process.pid })}\n`);
process.stdin.resume().once("end", () => process.exit());
