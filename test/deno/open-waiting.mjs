// Opens the store in argv[2] as soon as it is free: says so when it begins to wait, and when it has the store.
import process from "node:process";
import { openStorage } from "../../build/deno.js";

process.stdout.write("waiting\n");
const storage = await openStorage(process.argv[2], { wait: 60_000 });
process.stdout.write("open\n");
await storage.close();
