import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "vitest";
import { nodeHost } from "../../../hosts/node.ts";
import {
	NO_RING_HERE,
	nameWithReason,
} from "../../conformance/not-on-this-host.ts";
import type { Test } from "../runs/suite.ts";

/**
 * Registers a test about a ring. Where the kernel gives this process none, the test is left out,
 * and its name says why.
 */
export const ringTest: Test = (await isGiven())
	? test
	: Object.assign(
			(name: string, body: () => void | Promise<void>) =>
				test.skip(nameWithReason({ row: name, ...NO_RING_HERE }), body),
			{ skip: test.skip },
		);

async function isGiven(): Promise<boolean> {
	const directory = mkdtempSync(join(tmpdir(), "dualslot-"));
	try {
		const host = nodeHost(join(directory, "store"), { io: "ring" });
		host.makeDirectory("");
		const file = await host.open("file", "replace");
		await file?.close();
		return host.capabilities.ring === true;
	} finally {
		rmSync(directory, { recursive: true });
	}
}
