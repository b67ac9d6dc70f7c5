import { spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";
import process from "node:process";
import { type Chromium, launchChromium } from "./chromium.ts";
import type { Driven, Script } from "./driven.ts";
import { servePages } from "./pages.ts";

/** Where in the browser a script runs. In a window, the worker that moves the bytes is the host's own. */
export type Scope = "worker" | "window";

declare global {
	/** What the page offers to its driver. */
	var script: Script<unknown, unknown>;
}

/**
 * Runs a script, bundled from the sources, in Chromium: in a dedicated worker or in a window. It offers itself by
 * offerInWorker or offerInWindow. By default the browser is one of its own.
 */
export async function driveBrowser<Hello, Answer>(
	scope: Scope,
	path: string,
	headers: Readonly<Record<string, string>> = {},
	start: () => Promise<Chromium> = launchPinned,
): Promise<Driven<Hello, Answer>> {
	const scripts = {
		page: scope === "window" ? path : "test/runtimes/page-of-worker.ts",
		"in-worker": path,
		"opfs-worker": "hosts/opfs-worker.ts",
	};
	const pages = await servePages(scripts, headers);
	const chromium = await start();
	const page = await chromium.openPage();
	page.on("console", (message) => console.log(message.text()));
	page.on("pageerror", (error) => console.error(error));
	await page.goto(`${pages.origin}/`);
	await page.addScriptTag({ url: "/page.js", type: "module" });
	await page.waitForFunction(() => "script" in globalThis);
	const hello = await page.evaluate(() => globalThis.script.hello);
	return {
		version: `${await chromium.version()}, in a ${scope}`,
		hello: hello as Hello,
		ask: async (number) =>
			(await page.evaluate(
				(at) => globalThis.script.ask(at),
				number,
			)) as Answer,
		async close() {
			await chromium.close();
			pages.close();
		},
	};
}

function launchPinned(): Promise<Chromium> {
	stayOnOneCore();
	return launchChromium();
}

/**
 * This process, and the browser that it starts, where the system has a way to say so: of the processes of a browser one
 * at a time works on a file, and to wake another on another core takes a third of the time of all tests.
 */
function stayOnOneCore(): void {
	const core = Number(process.env.VITEST_POOL_ID) % availableParallelism();
	spawnSync("taskset", ["-cp", String(core), String(process.pid)]);
}
