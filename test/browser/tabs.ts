import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert } from "chai";
import type { Page as BrowserPage } from "puppeteer-core";
import {
	type Chromium,
	launchChromium,
	type OwnChromium,
} from "../runtimes/chromium.ts";
import { type Pages, servePages } from "../runtimes/pages.ts";
import { sharedChromium } from "../runtimes/shared-chromium.ts";
import type { Action, Actions } from "./actions.ts";
import type {} from "./page.ts";
import { told } from "./told.ts";

const SCRIPTS = {
	page: "test/browser/page.ts",
	"in-worker": "test/browser/in-worker.ts",
	"opfs-worker": "hosts/opfs-worker.ts",
};

/** An origin of its own, in the browser of this run. */
export class Browser {
	readonly #pages: Pages;
	readonly #chromium: Chromium;

	private constructor(pages: Pages, chromium: Chromium) {
		this.#pages = pages;
		this.#chromium = chromium;
	}

	static async open(
		headers: Readonly<Record<string, string>> = {},
	): Promise<Browser> {
		const pages = await servePages(SCRIPTS, headers);
		return new Browser(pages, await sharedChromium());
	}

	async openTab(): Promise<Tab> {
		return Tab.open(await this.#chromium.openPage(), this.#pages);
	}

	async close(): Promise<void> {
		await this.#chromium.close();
		this.#pages.close();
	}
}

/** A browser that a test may kill, over a profile on disk, and an origin that it can visit. */
export class MortalBrowser {
	readonly #pages: Pages;
	readonly #profile: string;
	#chromium: OwnChromium;

	private constructor(pages: Pages, profile: string, chromium: OwnChromium) {
		this.#pages = pages;
		this.#profile = profile;
		this.#chromium = chromium;
	}

	/** The profile goes with the browser. */
	static async open(
		profile = mkdtempSync(join(tmpdir(), "dualslot-profile-")),
	): Promise<MortalBrowser> {
		const pages = await servePages(SCRIPTS);
		return new MortalBrowser(pages, profile, await launchChromium({ profile }));
	}

	async openTab(): Promise<Tab> {
		return Tab.open(await this.#chromium.openPage(), this.#pages);
	}

	/** Kills it with all its tabs, and starts it again over the same profile. */
	async killAndRestart(): Promise<void> {
		const process = this.#chromium.browser.process();
		assert.isOk(process);
		const ended = once(process, "exit");
		process.kill("SIGKILL");
		await ended;
		this.#chromium = await launchChromium({
			profile: this.#profile,
		});
	}

	async close(): Promise<void> {
		await this.#chromium.close();
		this.#pages.close();
		rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5 });
	}
}

/** A page of the origin, which does what a test asks for in its window or in a worker. */
export class Tab {
	readonly page: BrowserPage;

	private constructor(page: BrowserPage) {
		this.page = page;
	}

	static async open(page: BrowserPage, { origin }: Pages): Promise<Tab> {
		const tab = new Tab(page);
		await page.goto(`${origin}/`);
		await tab.#run();
		return tab;
	}

	async inWindow<A extends Action>(
		action: A,
		...given: Parameters<Actions[A]>
	): Promise<Awaited<ReturnType<Actions[A]>>> {
		const outcome = await this.page.evaluate(
			(name, values) => globalThis.page.inWindow(name, values),
			action as Action,
			given as unknown[],
		);
		return told(outcome) as Awaited<ReturnType<Actions[A]>>;
	}

	async inWorker<A extends Action>(
		action: A,
		...given: Parameters<Actions[A]>
	): Promise<Awaited<ReturnType<Actions[A]>>> {
		const outcome = await this.page.evaluate(
			(name, values) => globalThis.page.inWorker(name, values),
			action as Action,
			given as unknown[],
		);
		return told(outcome) as Awaited<ReturnType<Actions[A]>>;
	}

	/** Has the worker keep lines, ends it at the one of that number, and answers how many it had told of. */
	endWorkerAt(count: number): Promise<number> {
		return this.page.evaluate(
			(number) => globalThis.page.endWorkerAt(number),
			count,
		);
	}

	/** Gives the origin so many bytes for what it keeps, until `lift` is called. */
	async limitQuota(quotaSize: number): Promise<{ lift(): Promise<void> }> {
		const session = await this.page.createCDPSession();
		const { origin } = new URL(this.page.url());
		const set = (limit: { quotaSize?: number }) =>
			session.send("Storage.overrideQuotaForOrigin", { origin, ...limit });
		await set({ quotaSize });
		return {
			async lift() {
				await set({});
				await session.detach();
			},
		};
	}

	/** As a user clears the site's data, or a server by Clear-Site-Data. */
	async clearData(): Promise<void> {
		const session = await this.page.createCDPSession();
		const { origin } = new URL(this.page.url());
		const storageTypes = "all";
		await session.send("Storage.clearDataForOrigin", { origin, storageTypes });
		await session.detach();
	}

	async reload(): Promise<void> {
		await this.page.reload();
		await this.#run();
	}

	/** As a user closes it: nothing is told of it. */
	close(): Promise<void> {
		return this.page.close();
	}

	/** As text, since vitest would put an import of its own in its place; every content policy of the tests allows it. */
	async #run(): Promise<void> {
		await this.page.evaluate("import('/page.js')");
	}
}
