import { connect, type Page } from "puppeteer-core";
import { inject } from "vitest";
import { askFor } from "../support/runs/offered-once.ts";
import { type Chromium, PROTOCOL_TIMEOUT } from "./chromium.ts";

/** The browser of this run, whose other pages are of other test files. Closed, it goes on without the pages opened here. */
export async function sharedChromium(): Promise<Chromium> {
	const browser = await connect({
		browserWSEndpoint: await askFor(inject("chromium")),
		protocolTimeout: PROTOCOL_TIMEOUT,
	});
	const opened = new Set<Page>();
	return {
		async openPage() {
			const page = await browser.newPage();
			opened.add(page);
			page.once("close", () => opened.delete(page));
			return page;
		},
		version: () => browser.version(),
		async close() {
			await Promise.all([...opened].map((page) => page.close()));
			await browser.disconnect();
		},
	};
}
