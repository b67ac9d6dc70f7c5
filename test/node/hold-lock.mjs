// Holds the store in argv[2] until it is killed, or exits with 3 where another has it. With argv[3] it leaves behind a
// child that lives that many milliseconds.
import { spawn } from "node:child_process";
import { nodeHost } from "../../build/node.js";

const [, , directory, childMilliseconds] = process.argv;
const lock = await nodeHost(directory).lock();
if (lock === undefined) {
	process.exit(3);
}
const child =
	childMilliseconds &&
	spawn(
		process.execPath,
		["-e", `setTimeout(() => {}, ${Number(childMilliseconds)})`],
		{ detached: true, stdio: "ignore" },
	);
process.stdout.write(`${JSON.stringify({ child: child?.pid })}\n`);
setInterval(() => lock, 1000);
