import { test } from "vitest";
import { everySuite } from "../conformance/every-suite.ts";
import { inMemory } from "../support/suite.ts";

everySuite({ test, host: "memory", createHost: inMemory });
