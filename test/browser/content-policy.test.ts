import { assert } from "chai";
import { afterEach, test } from "vitest";
import { failureOf } from "../support/runs/failure.ts";
import { Browser, type Tab } from "./tabs.ts";

const SCRIPTS = ["default-src 'none'", "script-src 'self' 'wasm-unsafe-eval'"];
const STRICT = [...SCRIPTS, "worker-src 'self'"];
/** Lets the page make a worker from nothing but what its own policy of that name has approved. */
const TRUSTED = ["require-trusted-types-for 'script'", "trusted-types app"];

let browser: Browser | undefined;

afterEach(() => browser?.close());

test("a policy that allows workers and WebAssembly of the page's own origin is enough", async () => {
	const tab = await tabUnder(STRICT);
	await tab.inWindow("open", "store");
	await tab.inWindow("keep", 3);
	await tab.inWindow("close");
	await tab.inWorker("open", "store");
	assert.equal(await tab.inWorker("count"), 3);
});

test("that policy is enough to compress too, in a window and in a worker: nothing is fetched for it", async () => {
	const tab = await tabUnder(STRICT);
	const text = "much of the same, ".repeat(100);
	for (const place of ["inWindow", "inWorker"] as const) {
		await tab[place]("open", place);
		const [size, found] = await tab[place]("compress", text);
		assert.equal(found, text);
		assert.isBelow(size, 100);
		await tab[place]("close");
	}
});

test("a policy that allows trusted workers alone takes the one that is passed", async () => {
	const tab = await tabUnder([...STRICT, ...TRUSTED]);
	const error = await failureOf(() => tab.inWindow("open", "store"));
	assert.propertyVal(error, "code", "ERR_IO");
	assert.match(String(error), /TrustedScriptURL/);
	await tab.inWindow("openWithTrusted", "store");
	await tab.inWindow("keep", 3);
	assert.equal(await tab.inWindow("count"), 3);
});

test("a policy that allows no worker fails the open, with what to look at", async () => {
	const tab = await tabUnder([...SCRIPTS, "worker-src 'none'"]);
	const error = await failureOf(() => tab.inWindow("open", "store"));
	assert.propertyVal(error, "code", "ERR_IO");
	assert.match(String(error), /content policy/);
});

test("a policy that allows no WebAssembly is ERR_UNSUPPORTED", async () => {
	const tab = await tabUnder(["script-src 'self'"]);
	const error = await failureOf(() => tab.inWindow("open", "store"));
	assert.propertyVal(error, "code", "ERR_UNSUPPORTED");
});

async function tabUnder(policy: readonly string[]): Promise<Tab> {
	browser = await Browser.open({
		"content-security-policy": policy.join("; "),
	});
	return browser.openTab();
}
