import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { assert } from "chai";
import { beforeAll, test } from "vitest";
import { COMMONWARE_STORES } from "../fixtures/commonware-stores.ts";
import {
	type CommonwareStore,
	openingOf,
} from "../support/rust/commonware-store.ts";
import { damageFile, filesOf } from "./blob-files.ts";
import { buildProgram, CommonwareProgram, RELEASES } from "./programs.ts";

const MODULE = fileURLToPath(
	new URL("../fixtures/commonware-stores.ts", import.meta.url),
);
const BUILD_TIME = 30 * 60_000;

beforeAll(() => {
	for (const release of RELEASES) {
		buildProgram(release, "scripts");
	}
}, BUILD_TIME);

if (process.env.DUALSLOT_KEEP === "1") {
	test("the stores of test/fixtures are written anew", async () => {
		const stores: CommonwareStore[] = [];
		for (const store of COMMONWARE_STORES) {
			stores.push(await written(store));
		}
		keep(stores);
	});
} else {
	for (const store of COMMONWARE_STORES) {
		test(`commonware ${store.release} writes the kept store, byte for byte: ${store.name}`, async () => {
			assert.deepEqual(await written(store), store);
		});
	}
}

/** The store as its script leaves it now, and what its crates find in it. */
async function written(store: CommonwareStore): Promise<CommonwareStore> {
	const parent = mkdtempSync(join(tmpdir(), "dualslot-interop-"));
	const directory = join(parent, "store");
	const release = RELEASES.find((known) => known === store.release);
	assert.isDefined(release);
	const program = new CommonwareProgram(release, "scripts");
	const ask = (line: string) =>
		program.ask(line.replace(/^open store /, `open ${directory} `));
	try {
		for (const line of store.script) {
			if (line.startsWith("cut ")) {
				const [, path = "", size] = line.split(" ");
				const damage = { kind: "cut", size: Number(size) } as const;
				damageFile(join(directory, path), damage);
			} else {
				assert.match(await ask(line), /^(ok|true|\d)/, line);
			}
		}
		const files = filesOf(directory);
		await ask(openingOf(store));
		const answer = await ask(store.question);
		await ask("close");
		return { ...store, answer, files };
	} finally {
		program.stop();
		rmSync(parent, { recursive: true });
	}
}

function keep(stores: readonly CommonwareStore[]): void {
	const text = readFileSync(MODULE, "utf8");
	const data = JSON.stringify(stores, undefined, "\t");
	const head = text.slice(0, text.indexOf(" = ["));
	writeFileSync(MODULE, `${head} = ${data};\n`);
	spawnSync("npx", ["biome", "format", "--write", MODULE]);
}
