import { CollectedTests } from "../runtimes/collected-tests.ts";
import { offer } from "../runtimes/offered.ts";
import { ownWorkerRows } from "./own-worker-rows.ts";
import { ownerLostRows } from "./owner-lost-rows.ts";
import { platformRows } from "./platform-rows.ts";
import { windowRows } from "./window-rows.ts";

const collected = new CollectedTests();
// First, since it is about the page's own worker before there is one.
ownWorkerRows(collected.test);
windowRows(collected.test);
platformRows(collected.test);
ownerLostRows(collected.test);
offer({
	hello: { names: collected.names },
	ask: (index) => collected.run(index),
});
