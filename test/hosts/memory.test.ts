import { test } from "vitest";
import { memoryHost } from "../../hosts/memory.ts";
import { journalSuite } from "../conformance/journal.ts";
import { pagedSuite } from "../conformance/paged.ts";
import { storageSuite } from "../conformance/storage.ts";

const createHost = () => ({ host: memoryHost(), cleanUp: () => undefined });

storageSuite({ test, host: "memory", createHost });
pagedSuite({ test, host: "memory", createHost });
journalSuite({ test, host: "memory", createHost });
