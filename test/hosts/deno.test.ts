import { driveDeno } from "../runtimes/process.ts";
import { registerTestsOf } from "../runtimes/remote-tests.ts";

registerTestsOf(await driveDeno("test/runtimes/suites-in-deno.ts"));
