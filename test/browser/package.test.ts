import { cpSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { assert } from "chai";
import { afterAll, beforeAll, test } from "vitest";
import type { Chromium } from "../runtimes/chromium.ts";
import { servePages } from "../runtimes/pages.ts";
import { sharedChromium } from "../runtimes/shared-chromium.ts";
import { ConsumerProject } from "../support/package/consumer-project.ts";
import type {} from "./consumer.ts";

const SOURCES = fileURLToPath(new URL(".", import.meta.url));

let project: ConsumerProject;
let chromium: Chromium;

beforeAll(async () => {
	project = await ConsumerProject.make();
	for (const file of ["consumer.ts", "consumer-worker.ts"]) {
		cpSync(join(SOURCES, file), join(project.directory, file));
		project.compile(file);
	}
	chromium = await sharedChromium();
}, 300_000);

afterAll(async () => {
	await chromium.close();
	project.delete();
});

test("the installed package, bundled for a page, keeps a store over the worker that it starts by itself", async () => {
	const worker = "node_modules/dualslot/build/opfs-worker.js";
	const found = await kept({ "opfs-worker": worker });
	assert.equal(found, "kept");
});

test("the installed package, bundled for a page, keeps a store over a worker that imports dualslot/opfs-worker", async () => {
	const found = await kept({ theirs: "consumer-worker.js" }, "/theirs.js");
	assert.equal(found, "kept");
});

/** What the consumer's page reads back, when it is bundled with these scripts. */
async function kept(
	workers: Readonly<Record<string, string>>,
	script?: string,
): Promise<string> {
	const scripts = { page: "consumer.js", ...workers };
	const pages = await servePages(
		Object.fromEntries(
			Object.entries(scripts).map(([name, path]) => [
				name,
				join(project.directory, path),
			]),
		),
	);
	try {
		const page = await chromium.openPage();
		await page.goto(`${pages.origin}/`);
		// As text, since vitest would put an import of its own in its place.
		await page.evaluate("import('/page.js')");
		return await page.evaluate(
			(given) => globalThis.keep("kept", given),
			script,
		);
	} finally {
		pages.close();
	}
}
