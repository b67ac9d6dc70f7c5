// Through the host argv[2], holds the lock of the directory argv[3] until it is killed or its input ends, or exits with
// 3 where another has it. With argv[4] it leaves behind a child that lives that many seconds.
import { spawn } from "node:child_process";
import process from "node:process";
import { builtHost } from "./built-host.mjs";

const [, , name, directory, childSeconds] = process.argv;
const { nodeHost, denoHost } = await builtHost(name);
const lock = await (nodeHost ?? denoHost)(directory).lock();
if (lock === undefined) {
	process.exit(3);
}
const child =
	childSeconds &&
	spawn("sleep", [childSeconds], { detached: true, stdio: "ignore" });
const { pid } = process;
process.stdout.write(`${JSON.stringify({ pid, child: child?.pid })}\n`);
process.stdin.resume().once("end", () => process.exit());
