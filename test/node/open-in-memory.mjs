// Opens a store and a packed store in memory, twice each, and tells what came of it, one line each.
import { openPackedStore, openStorage } from "../../build/memory.js";

for (const open of [
	openStorage,
	openStorage,
	openPackedStore,
	openPackedStore,
]) {
	try {
		await (await open()).close();
		console.log("opened");
	} catch (error) {
		console.log(error.code ?? error.name);
	}
}
