import { driveBrowser } from "../runtimes/browser.ts";
import { registerTestsOf } from "../runtimes/remote-tests.ts";

registerTestsOf(await driveBrowser("window", "test/browser/rows-in-window.ts"));
