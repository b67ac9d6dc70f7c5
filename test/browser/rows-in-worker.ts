import { CollectedTests } from "../runtimes/collected-tests.ts";
import { offer } from "../runtimes/offered.ts";
import { firstAppendRows } from "./first-append-rows.ts";
import { lyingPlatformRows } from "./lying-platform-rows.ts";
import { openFileRows } from "./open-file-rows.ts";
import { ownerLostRows } from "./owner-lost-rows.ts";
import { platformRows } from "./platform-rows.ts";
import { transferRows } from "./transfer-rows.ts";

const collected = new CollectedTests();
openFileRows(collected.test);
firstAppendRows(collected.test);
lyingPlatformRows(collected.test);
transferRows(collected.test);
platformRows(collected.test);
ownerLostRows(collected.test);
offer({
	hello: { names: collected.names },
	ask: (index) => collected.run(index),
});
