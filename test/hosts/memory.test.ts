import { test } from "vitest";
import { everySuite } from "../conformance/every-suite.ts";
import { dealt } from "../support/runs/dealt.ts";
import { inMemory } from "../support/runs/suite.ts";

everySuite({
	test: dealt(test, "memory"),
	host: "memory",
	createHost: inMemory,
});
