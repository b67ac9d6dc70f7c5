import { opfsHost } from "../../hosts/opfs.ts";
import { checksumSuite } from "../conformance/checksums.ts";
import { everySuite } from "../conformance/every-suite.ts";
import { dealt } from "../support/runs/dealt.ts";
import type { OwnHost } from "../support/runs/suite.ts";
import { CollectedTests } from "./collected-tests.ts";
import { offer } from "./offered.ts";

let stores = 0;

const collected = new CollectedTests();
checksumSuite(collected);
const place = "document" in globalThis ? "window" : "worker";
everySuite({
	test: dealt(collected.test, `opfs, in a ${place}`),
	host: "opfs",
	createHost: ownHost,
});
offer({
	hello: { names: collected.names },
	ask: (index) => collected.run(index),
});

/** A host over a new directory of the origin, which goes with it. */
function ownHost(): OwnHost {
	stores += 1;
	const host = opfsHost(`store-${stores}`);
	return {
		host,
		async cleanUp() {
			await host.remove("");
		},
	};
}
