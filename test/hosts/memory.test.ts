import { test } from "vitest";
import { everySuite } from "../conformance/every-suite.ts";
import { dealt } from "../support/dealt.ts";
import { inMemory } from "../support/suite.ts";

everySuite({
	test: dealt(test, "memory"),
	host: "memory",
	createHost: inMemory,
});
