import { test } from "vitest";
import { checksumSuite } from "../conformance/checksums.ts";

checksumSuite({ test });
