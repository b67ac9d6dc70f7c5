import { assert } from "chai";
import { afterAll, beforeAll, test } from "vitest";
import { nodeHost } from "../../hosts/node.ts";
import { Storage } from "../../src/storage/storage.ts";
import { imageOf } from "../support/hosts/raw-file.ts";
import { temporaryHost } from "../support/hosts/temporary-host.ts";
import { failureOf } from "../support/runs/failure.ts";
import { writeSample } from "./sample.ts";
import { Browser, MortalBrowser, type Tab } from "./tabs.ts";

/** Waits for a tab or worker that has just ended; a test that needs all of it has failed. */
const WAIT = { wait: 30_000 };
const SCOPES = ["inWindow", "inWorker"] as const;

let browser: Browser;

beforeAll(async () => {
	browser = await Browser.open();
});

afterAll(() => browser.close());

for (const scope of SCOPES) {
	test(`one tab keeps out another until it is closed (${scope})`, async () => {
		const store = `lock-${scope}`;
		const [first, second] = await twoTabs();
		await first[scope]("open", store);
		await first[scope]("keep", 3);
		for (const other of SCOPES) {
			const error = await failureOf(() => second[other]("open", store));
			assert.propertyVal(error, "code", "ERR_LOCKED");
		}
		await first.close();
		assert.isTrue(await second[scope]("open", store, WAIT));
		assert.equal(await second[scope]("count"), 3);
		await second.close();
	});

	test(`a page that is reloaded finds what it has synced (${scope})`, async () => {
		const store = `reload-${scope}`;
		const tab = await browser.openTab();
		assert.isFalse(await tab[scope]("open", store));
		await tab[scope]("keep", 5);
		await tab.reload();
		assert.isTrue(await tab[scope]("open", store, WAIT));
		assert.equal(await tab[scope]("count"), 5);
		await tab[scope]("keep", 2);
		await tab[scope]("close");
		await tab.reload();
		assert.isFalse(await tab[scope]("open", store));
		assert.equal(await tab[scope]("count"), 7);
		await tab.close();
	});

	test(`the files are those that Node writes, byte for byte (${scope})`, async () => {
		const { host, cleanUp } = temporaryHost((directory) => nodeHost(directory));
		// A browser writes no zeros ahead, and its marker says so.
		await writeSample(await Storage.open(host, { ahead: 0 }));
		const tab = await browser.openTab();
		await tab[scope]("writeSample", `sample/${scope}`);
		const entries = await tab[scope]("entries", `sample/${scope}`);
		assert.deepEqual(entries, await imageOf(host));
		assert.includeMembers(
			entries.map((entry) => entry.replace(/ .*/, "")),
			["dualslot.json", "dualslot.open", "plain/", "plain/6e616d65"],
		);
		await tab.close();
		await cleanUp();
	});
}

test("a window and a worker open the same store by turns, and find each other's lines", async () => {
	const tab = await browser.openTab();
	for (const [turn, scope] of [...SCOPES, ...SCOPES].entries()) {
		assert.isFalse(await tab[scope]("open", "turns"));
		assert.equal(await tab[scope]("count"), turn * 10);
		await tab[scope]("keep", 10);
		await tab[scope]("close");
	}
	await tab.close();
});

test("a worker that is ended while it writes has kept every line that it told of", async () => {
	const tab = await browser.openTab();
	let least = 0;
	for (let turn = 0; turn < 3; turn += 1) {
		assert.equal(await tab.inWorker("open", "ended", WAIT), turn > 0);
		const found = await tab.inWorker("count");
		assert.isAtLeast(found, least);
		least = await tab.endWorkerAt(found + 10 * turn);
	}
	await tab.close();
});

test("a browser that is killed has kept what was synced", async () => {
	const mortal = await MortalBrowser.open();
	try {
		const tab = await mortal.openTab();
		await tab.inWindow("open", "killed");
		await tab.inWindow("keep", 100);
		await mortal.killAndRestart();
		const again = await mortal.openTab();
		assert.isTrue(await again.inWindow("open", "killed"));
		assert.equal(await again.inWindow("count"), 100);
	} finally {
		await mortal.close();
	}
});

for (const scope of SCOPES) {
	test(`a store that the origin's quota stops is as it was, and goes on when there is room (${scope})`, async () => {
		const tab = await browser.openTab();
		await tab[scope]("open", `quota-${scope}`);
		await tab[scope]("keep", 10);
		const quota = await tab.limitQuota(1_000_000);
		const error = await failureOf(() => tab[scope]("keep", 1_000_000));
		assert.propertyVal(error, "code", "ERR_NO_SPACE");
		await quota.lift();
		await tab[scope]("keep", 10);
		assert.isAtLeast((await tab[scope]("count")) ?? 0, 20);
		await tab.close();
	});
}

test("a store whose site's data is cleared while it is open closes with a code, and the next one is empty", async () => {
	const site = await Browser.open();
	const tab = await site.openTab();
	await tab.inWindow("openHurried", "cleared");
	await tab.inWindow("keep", 10);
	await tab.clearData();
	const { code } = await tab.inWindow("closeAnyhow");
	assert.match(code, /^ERR_/);
	await tab.close();
	const again = await site.openTab();
	await again.inWindow("open", "cleared", WAIT);
	assert.equal(await again.inWindow("count"), 0);
	await again.inWindow("close");
	await site.close();
});

async function twoTabs(): Promise<[Tab, Tab]> {
	return [await browser.openTab(), await browser.openTab()];
}
