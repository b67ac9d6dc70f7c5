import { assert } from "chai";
import { test } from "vitest";
import { Core } from "../../src/core.ts";

const MEBIBYTE = 1024 * 1024;

test("of cores that nobody uses 64 MiB are kept to be used again, and none that is larger", async () => {
	const large = await Core.load(80 * MEBIBYTE);
	large.retire();
	assert.notStrictEqual(await Core.load(80 * MEBIBYTE), large);
	const cores = await Promise.all(
		Array.from({ length: 3 }, () => Core.load(30 * MEBIBYTE)),
	);
	for (const core of cores) {
		core.retire();
	}
	const again = await Promise.all(cores.map(() => Core.load(30 * MEBIBYTE)));
	const kept = cores.filter((core) => again.includes(core));
	assert.deepEqual(kept, cores.slice(0, 2));
});
