import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { assert } from "chai";
import { afterAll, test } from "vitest";
import { openPackedStore } from "../../hosts/node.ts";
import { assertSame, filled } from "../support/runs/bytes.ts";
import { FRAME_SIZE } from "../support/stores/packed-files.ts";

const WRITER = fileURLToPath(new URL("ring-killed.mjs", import.meta.url));
const FRAMES = 16;

const directory = mkdtempSync(join(tmpdir(), "dualslot-"));

afterAll(() => rmSync(directory, { recursive: true }));

test.each([
	["async", 2],
	["async", 5],
	["async", 9],
	["blocking", 2],
	["blocking", 6],
])(
	"a process that is killed while frames go through its ring, %s, in turn %i, leaves a store that is free and holds what was flushed",
	async (sync, turns) => {
		const path = join(directory, `${sync}-${turns}`);
		await killInTurn(turns, path, sync);
		const names = readdirSync(path);
		for (const io of ["ring", "calls"] as const) {
			const store = await openPackedStore(path, { io, wait: false });
			assert.lengthOf(store.list(), FRAMES);
			const frame = new Uint8Array(FRAME_SIZE);
			for (const guid of store.list()) {
				await store.read(guid, frame);
				assertSame(frame, filled(FRAME_SIZE, 1 + (guid[0] ?? 0)));
			}
			assert.equal(store.capabilities.ring, io === "ring");
			await store.drop();
			assert.sameMembers(readdirSync(path), names);
		}
	},
);

/** Once it has begun so many turns that no flush follows. */
async function killInTurn(
	turns: number,
	...parameters: string[]
): Promise<void> {
	const stdio: ["ignore", "pipe", "inherit"] = ["ignore", "pipe", "inherit"];
	const writer = spawn(process.execPath, [WRITER, ...parameters], { stdio });
	const ended = once(writer, "exit");
	let begun = 0;
	for await (const said of writer.stdout) {
		begun += String(said).length;
		if (begun >= turns) {
			writer.kill("SIGKILL");
		}
	}
	const [, signal] = await ended;
	assert.equal(signal, "SIGKILL");
}
