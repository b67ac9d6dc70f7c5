import { driveBrowser } from "../runtimes/browser.ts";
import { registerTestsOf } from "../runtimes/remote-tests.ts";

registerTestsOf(await driveBrowser("worker", "test/browser/rows-in-worker.ts"));
