import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { test } from "vitest";
import { DUALSLOT_STORES } from "../fixtures/dualslot-stores.ts";
import { hostOf, imageOf } from "../support/disks/crash-disk.ts";
import { writtenBy } from "../support/rust/kept-writer.ts";
import {
	answersTo,
	assertDialogue,
	type DualslotStore,
	packed,
} from "../support/stores/dualslot-store.ts";

if (process.env.DUALSLOT_KEEP === "1") {
	test("stores of test/fixtures that have no files are written", async () => {
		for (const [name, stores] of Object.entries(DUALSLOT_STORES)) {
			const all: DualslotStore[] = [];
			for (const store of stores) {
				const isKept = Object.keys(store.files).length > 0;
				all.push(isKept ? store : await written(store));
			}
			keep(name, all);
		}
	});
} else {
	for (const store of Object.values(DUALSLOT_STORES).flat()) {
		test(`the script of a kept store leaves one in which the same is found: ${store.name}`, async () => {
			await assertDialogue(await writtenBy(store.script), store);
		});
	}
}

async function written(store: DualslotStore): Promise<DualslotStore> {
	const host = await writtenBy(store.script);
	const image = await imageOf(host);
	const questions = store.dialogue.map(([question]) => question);
	const answers = await answersTo(await hostOf(image), questions);
	return {
		...store,
		dialogue: questions.map((question, at) => [question, answers[at] ?? ""]),
		files: Object.fromEntries(
			[...image.files]
				.sort(([one], [other]) => (one < other ? -1 : 1))
				.map(([path, bytes]) => [path, packed(bytes)]),
		),
	};
}

function keep(name: string, stores: readonly DualslotStore[]): void {
	const path = fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));
	const text = readFileSync(path, "utf8");
	const head = text.slice(0, text.indexOf(" = ["));
	const data = JSON.stringify(stores, undefined, "\t");
	writeFileSync(path, `${head} = ${data};\n`);
	spawnSync("npx", ["biome", "format", "--write", path]);
}
