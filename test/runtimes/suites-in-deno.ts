import { denoHost } from "../../hosts/deno.ts";
import { checksumSuite } from "../conformance/checksums.ts";
import { everySuite } from "../conformance/every-suite.ts";
import { SCRATCH } from "../support/disks/scratch.ts";
import { temporaryHost } from "../support/hosts/temporary-host.ts";
import { dealt } from "../support/runs/dealt.ts";
import { CollectedTests } from "./collected-tests.ts";
import { answerLines } from "./lines.ts";

const collected = new CollectedTests();
checksumSuite(collected);
everySuite({
	test: dealt(collected.test, "deno"),
	host: "deno",
	createHost: () => temporaryHost(denoHost, SCRATCH),
});
await answerLines({
	hello: { names: collected.names },
	ask: (index) => collected.run(index),
});
