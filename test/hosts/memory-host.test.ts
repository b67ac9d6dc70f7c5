import { test } from "vitest";
import { memoryHost } from "../../hosts/memory.ts";
import { hostConformance } from "../conformance/host.ts";

hostConformance({ test, createHost: memoryHost });
