import { driveBrowser } from "../runtimes/browser.ts";
import { registerTestsOf } from "../runtimes/remote-tests.ts";

registerTestsOf(
	await driveBrowser("worker", "test/runtimes/suites-in-browser.ts"),
);
