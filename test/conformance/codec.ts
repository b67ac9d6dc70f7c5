import type { Suite } from "../support/runs/suite.ts";
import { canonicalRows } from "./codec/canonical.ts";
import { encodingRows } from "./codec/encoding.ts";
import { refusedByteRows } from "./codec/refused-bytes.ts";
import { refusedValueRows } from "./codec/refused-values.ts";

/** Values and their bytes: commonware's codec has the same. */
export function codecSuite(suite: Suite): void {
	encodingRows(suite);
	refusedByteRows(suite);
	refusedValueRows(suite);
	canonicalRows(suite);
}
