// On the store argv[2], in which "linked" and "again" lead to one directory, says as JSON what Deno's host makes of them.
import process from "node:process";
import { openStorage } from "../../build/deno.js";
import { exportTo } from "../../build/transfer.js";

const [, , directory] = process.argv;
const blob = "name";

const refused = await inStore({}, (storage) => [
	() => storage.open("linked", blob),
	() => storage.scan("linked"),
	() => storage.remove("linked"),
	() => exportTo(storage, new WritableStream()),
]);
const followed = await inStore({ links: "follow" }, (storage) => [
	() => storage.open("linked", blob),
	() => storage.open("again", blob),
	() => storage.scan("linked"),
]);
process.stdout.write(JSON.stringify({ refused, followed }));

async function inStore(options, callsOn) {
	const storage = await openStorage(directory, options);
	const said = [];
	for (const call of callsOn(storage)) {
		said.push(await codeOf(call));
	}
	await storage.close();
	return said;
}

async function codeOf(call) {
	try {
		await call();
		return "done";
	} catch (error) {
		return error.code;
	}
}
