import { test } from "vitest";
import { nodeHost } from "../../hosts/node.ts";
import { journalSuite } from "../conformance/journal.ts";
import { pagedSuite } from "../conformance/paged.ts";
import { storageSuite } from "../conformance/storage.ts";
import { temporaryHost } from "../support/temporary-host.ts";

const createHost = () => temporaryHost((directory) => nodeHost(directory));

storageSuite({ test, host: "node", createHost });
pagedSuite({ test, host: "node", createHost });
journalSuite({ test, host: "node", createHost });
