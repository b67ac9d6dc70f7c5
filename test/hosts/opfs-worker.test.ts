import { driveBrowser } from "../runtimes/browser.ts";
import { registerTestsOf } from "../runtimes/remote-tests.ts";
import { sharedChromium } from "../runtimes/shared-chromium.ts";

registerTestsOf(
	await driveBrowser(
		"worker",
		"test/runtimes/suites-in-browser.ts",
		{},
		sharedChromium,
	),
);
