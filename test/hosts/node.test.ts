import { test } from "vitest";
import { nodeHost } from "../../hosts/node.ts";
import { everySuite } from "../conformance/every-suite.ts";
import { dealt } from "../support/dealt.ts";
import { SCRATCH } from "../support/scratch.ts";
import { temporaryHost } from "../support/temporary-host.ts";

const createHost = () => temporaryHost((path) => nodeHost(path), SCRATCH);

everySuite({ test: dealt(test, "node"), host: "node", createHost });
