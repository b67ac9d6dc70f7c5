// Through the host argv[2], opens the store argv[3] to read, and says as JSON whether it found a crash, and an owner.
import process from "node:process";
import { builtHost } from "./built-host.mjs";

const [, , name, directory] = process.argv;
const { openStorage } = await builtHost(name);
const storage = await openStorage(directory, { readOnly: true });
const { foundCrash, owner } = storage.recovery;
await storage.close();
process.stdout.write(JSON.stringify({ foundCrash, owner }));
