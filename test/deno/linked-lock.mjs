// Tries to open the packed store in argv[2], and says with which code that was refused.
import process from "node:process";
import { openPackedStore } from "../../build/deno.js";

const options = { directIO: "off" };
const code = await openPackedStore(process.argv[2], options).then(
	() => "opened",
	(error) => error.code,
);
process.stdout.write(code);
