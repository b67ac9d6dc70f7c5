import { join } from "node:path";
import process from "node:process";
import { build } from "esbuild";

const LAUNCH = "node_modules/.cache/dualslot/bench/chromium.mjs";

/** Starts the browser at a path, or npm's, over a profile on the disk. Node runs no TypeScript, hence the bundle. */
export async function openBrowser(executable, profile) {
	await build({
		entryPoints: ["test/runtimes/chromium.ts"],
		outfile: LAUNCH,
		bundle: true,
		format: "esm",
		platform: "node",
		packages: "external",
		logLevel: "warning",
	});
	const { launchChromium } = await import(join(process.cwd(), LAUNCH));
	return launchChromium({ executable, profile });
}
