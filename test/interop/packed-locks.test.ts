import { join } from "node:path";
import { assert } from "chai";
import { beforeAll, test } from "vitest";
import { buildHolt, HOLT_RELEASES } from "./holt-programs.ts";
import { withWriters } from "./packed-runs.ts";
import { inScratch } from "./packed-scratch.ts";
import {
	DualslotPackedWriter,
	HoltWriter,
	type PackedWriter,
} from "./packed-writers.ts";

const BUILD_TIME = 30 * 60_000;
const GUID = "a1".repeat(16);

/** What holt says once it has waited for five seconds. */
const REFUSALS = {
	"0.7.1": "is locked by another live instance (waited 5s)",
	"0.9.2": "has an incompatible live access mode (waited 5s)",
} as const;

beforeAll(() => {
	for (const release of HOLT_RELEASES) {
		buildHolt(release, "calls", "scripts");
	}
}, BUILD_TIME);

for (const release of HOLT_RELEASES) {
	test(`a live holt ${release} refuses us its store, and a killed one does not`, () =>
		withPair(
			new HoltWriter(release),
			new DualslotPackedWriter({ wait: false }),
			async (holt, ours, directory) => {
				assert.equal(await holt.open(directory), "ok");
				assert.equal(await ours.open(directory), "locked");
				await holt.ask(`write ${GUID}:1`);
				await holt.ask("flush");
				await holt.end();
				assert.equal(await ours.open(directory), "ok");
				assert.equal(await ours.ask("list"), GUID);
			},
		));

	test(`we refuse holt ${release} our store, until we close it`, () =>
		withPair(
			new HoltWriter(release),
			new DualslotPackedWriter({}),
			async (holt, ours, directory) => {
				assert.equal(await ours.open(directory), "ok");
				const refusal = await holt.open(directory);
				assert.include(
					refusal,
					`locked: store I/O: blob store at ${directory} ${REFUSALS[release]}`,
				);
				await ours.ask(`write ${GUID}:1`);
				await ours.ask("close");
				assert.equal(await holt.open(directory), "ok");
				assert.equal(await holt.ask("list"), GUID);
			},
		));

	test(`we wait for holt ${release}, and holt for us`, () =>
		withPair(
			new HoltWriter(release),
			new DualslotPackedWriter({}),
			async (holt, ours, directory) => {
				assert.equal(await holt.open(directory), "ok");
				const opening = ours.open(directory);
				assert.equal(await holt.ask("close"), "ok");
				assert.equal(await opening, "ok");
				const reopening = holt.open(directory);
				assert.equal(await ours.ask("close"), "ok");
				assert.equal(await reopening, "ok");
			},
		));
}

function withPair(
	holt: PackedWriter,
	ours: PackedWriter,
	use: (
		holt: PackedWriter,
		ours: PackedWriter,
		directory: string,
	) => Promise<void>,
): Promise<void> {
	return withWriters([holt, ours], () =>
		inScratch((parent) => use(holt, ours, join(parent, "store"))),
	);
}
