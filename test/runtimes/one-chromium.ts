// vitest's global setup: one browser for all files of a run. It is started for the first that asks.
import type { TestProject } from "vitest/node";
import { offerOnce } from "../support/runs/offered-once.ts";
import { launchChromium, type OwnChromium } from "./chromium.ts";

declare module "vitest" {
	interface ProvidedContext {
		/** Where a test file asks for the address of the run's browser. */
		readonly chromium: string;
	}
}

export default async function offerOneChromium(
	project: TestProject,
): Promise<() => Promise<void>> {
	let started: Promise<OwnChromium> | undefined;
	const withdraw = await offerOnce(project, "chromium", async () => {
		started = launchChromium();
		const { browser } = await started;
		return browser.wsEndpoint();
	});
	return async () => {
		withdraw();
		await (await started)?.close();
	};
}
