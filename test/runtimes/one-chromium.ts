// vitest's global setup: one browser for all files of a run. It is started for the first that asks.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestProject } from "vitest/node";
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
	const server = createServer(async (_, response) => {
		try {
			started ??= launchChromium();
			const { browser } = await started;
			response.end(browser.wsEndpoint());
		} catch (error) {
			response.writeHead(500).end(String(error));
		}
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const { port } = server.address() as AddressInfo;
	project.provide("chromium", `http://127.0.0.1:${port}/`);
	return async () => {
		server.close();
		await (await started)?.close();
	};
}
