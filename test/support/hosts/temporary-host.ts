import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Host } from "../../../src/host/host.ts";
import type { OwnHost } from "../runs/suite.ts";

/** A host over a new directory, which is removed with it. */
export function temporaryHost(
	create: (directory: string) => Host,
	above = tmpdir(),
): OwnHost {
	const parent = mkdtempSync(join(above, "dualslot-"));
	return {
		host: create(join(parent, "store")),
		cleanUp: () => rmSync(parent, { recursive: true }),
	};
}
