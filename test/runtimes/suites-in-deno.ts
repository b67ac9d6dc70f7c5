import { denoHost } from "../../hosts/deno.ts";
import { checksumSuite } from "../conformance/checksums.ts";
import { everySuite } from "../conformance/every-suite.ts";
import { dealt } from "../support/dealt.ts";
import { SCRATCH } from "../support/scratch.ts";
import { temporaryHost } from "../support/temporary-host.ts";
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
