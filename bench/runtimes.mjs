// node bench/runtimes.mjs [--quick]: the rows that need no peer, in every runtime. Node runs no TypeScript, hence the bundle.
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
const outfile = "node_modules/.cache/dualslot/bench/drive.mjs";
await build({
	entryPoints: ["bench/runtimes/drive.ts"],
	outfile,
	bundle: true,
	format: "esm",
	platform: "node",
	packages: "external",
	logLevel: "warning",
});
await import(join(process.cwd(), outfile));
