// Opens the blob argv[3]/argv[4] of the store in argv[2] as a user without rights, and says as JSON how that failed.
import { nodeHost, openStorage } from "../../build/node.js";

const [, , directory, partition, name, readOnly] = process.argv;
const NOBODY = 65534;

// What the engine loads late, it loads while this user may still read it.
const lock = await nodeHost(import.meta.dirname ?? ".").lock();
await lock?.release();
if (process.getuid() === 0) {
	process.setgroups([]);
	process.setgid(NOBODY);
	process.setuid(NOBODY);
}
try {
	const options = { readOnly: readOnly === "readOnly" };
	const storage = await openStorage(directory, options);
	try {
		await storage.open(partition, name);
	} finally {
		await storage.drop();
	}
	process.stdout.write("{}");
} catch (error) {
	const { name: kind, code, message, place, cause } = error;
	const failure = { kind, code, message, place, cause: cause?.code };
	process.stdout.write(JSON.stringify(failure));
}
