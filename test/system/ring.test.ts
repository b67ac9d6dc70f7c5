import { execFileSync } from "node:child_process";
import {
	chmodSync,
	mkdirSync,
	mkdtempSync,
	readFileSync,
	rmSync,
} from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { assert } from "chai";
import { afterAll, beforeAll, describe, test } from "vitest";
import { openStorage } from "../../hosts/node.ts";
import { assertSame, filled } from "../support/runs/bytes.ts";
import { joinedLines } from "./joined-lines.ts";
import { assertMoved } from "./ring-files.ts";

const MOVER = fileURLToPath(new URL("ring-transfers.mjs", import.meta.url));
const REFUSER = fileURLToPath(new URL("refuse-ring.c", import.meta.url));
/** What would move or sync bytes without a ring. With a question mark: not every processor has every one of them. */
const BY_CALLS =
	"pread64 preadv preadv2 pwrite64 pwritev pwritev2 read readv write writev fsync fdatasync sync_file_range".split(
		" ",
	);
const OF_RING = ["io_uring_setup", "io_uring_register", "io_uring_enter"];
const TRACED = ["fcntl", ...BY_CALLS, ...OF_RING].map((name) => `?${name}`);
const LITTLE_MEMORY = 65_536;
/** More than a ring has room for. */
const FILES = 70;

const MODES = [
	["storage", "ring", "async"],
	["storage", "ring", "blocking"],
	["packed", "ring", "async"],
	["packed", "ring", "blocking"],
	["packed", "auto", "async"],
	["packed", "auto", "blocking"],
] as const;

const directory = mkdtempSync(join(tmpdir(), "dualslot-"));
const refuser = join(directory, "refuse-ring");

beforeAll(() => {
	chmodSync(directory, 0o755);
	output("cc", "-o", refuser, REFUSER);
});

afterAll(() => rmSync(directory, { recursive: true }));

describe.each(MODES)("a %s store, io: %s, sync: %s", (kind, io, sync) => {
	const store = join(directory, `${kind}-${io}-${sync}`);
	const moved = [process.execPath, MOVER, kind, store, io, sync];
	let said = "";
	let trace: readonly string[] = [];
	let cachedPages = "";

	beforeAll(() => {
		[said, trace] = traced(`${store}.trace`, moved);
		if (kind === "packed") {
			const file = join(store, "blobs.dat");
			cachedPages = output("fincore", "-n", "-o", "PAGES", file);
		}
	});

	test("has one ring, which is given files, memory for frames, and operations", () => {
		assert.deepEqual(JSON.parse(said), { ring: true });
		const calls = (name: string) =>
			trace.filter((line) => line.includes(`${name}(`));
		assert.lengthOf(calls("io_uring_setup"), 1);
		assert.isAbove(calls("io_uring_enter").length, 1);
		const registered = calls("io_uring_register").join("\n");
		assert.match(registered, /REGISTER_FILES, .* = 0$/m);
		assert.match(registered, /REGISTER_FILES_UPDATE, .* = 1$/m);
		assert.equal(
			/REGISTER_BUFFERS, .* = 0$/m.test(registered),
			kind === "packed",
		);
	});

	test("moves and syncs nothing of its files by calls", () => {
		const own = io === "auto" ? join(store, "blobs.dat") : store;
		const byCalls = trace.filter((line) =>
			BY_CALLS.some((name) => line.includes(` ${name}(`)),
		);
		assert.isNotEmpty(byCalls);
		assert.isEmpty(byCalls.filter((line) => line.includes(`<${own}`)));
	});

	if (kind === "packed") {
		test("keeps O_DIRECT of blobs.dat, and leaves none of it in the system's cache", () => {
			const file = `<${join(store, "blobs.dat")}>`;
			const flags = trace.filter((line) => line.includes(`${file}, F_SETFL`));
			assert.lengthOf(flags, 1);
			assert.include(flags[0], "O_DIRECT");
			assert.notInclude(flags[0], "O_NONBLOCK");
			assert.equal(Number(cachedPages), 0);
		});
	}

	test("writes what another process finds by calls", () =>
		assertMoved(kind, store));

	test.each(["EPERM", "ENOSYS"] as const)(
		"says so and goes on by calls where io_uring_setup is refused with %s",
		async (refusal) => {
			const errno = String(constants.errno[refusal]);
			const other = `${store}-${refusal}`;
			const moving = moved.map((word) => (word === store ? other : word));
			const refused = output(refuser, errno, ...moving);
			assert.deepEqual(JSON.parse(refused), { ring: false });
			await assertMoved(kind, other);
		},
	);

	test("moves memory that a user may not pin, through the ring", async () => {
		const other = `${store}-nobody`;
		mkdirSync(other);
		chmodSync(other, 0o777);
		const limited = ["prlimit", `--memlock=${LITTLE_MEMORY}:${LITTLE_MEMORY}`];
		const moving = moved.map((word) => (word === store ? other : word));
		const command = [...limited, ...moving, "nobody"];
		const [ring, calls] = traced(`${other}.trace`, command);
		assert.deepEqual(JSON.parse(ring), { ring: true });
		const pinned = calls.filter((line) => line.includes("REGISTER_BUFFERS"));
		assert.lengthOf(pinned, kind === "packed" ? 1 : 0);
		for (const line of pinned) {
			assert.include(line, "ENOMEM");
		}
		await assertMoved(kind, other);
	});
});

test("a store has more files open than its ring has room for, and reads and writes each", async () => {
	const path = join(directory, "many");
	const storage = await openStorage(path, { io: "ring" });
	const indexes = Array.from({ length: FILES }, (_, index) => index);
	const blobs = await Promise.all(
		indexes.map((index) => storage.open("p", new Uint8Array([index]))),
	);
	await Promise.all(
		blobs.map((blob, index) => blob.write(0, filled(100, index))),
	);
	await Promise.all(blobs.map((blob) => blob.sync()));
	for (const [index, blob] of blobs.entries()) {
		assertSame(await blob.read(0, 100), filled(100, index));
		const name = index.toString(16).padStart(2, "0");
		const found = readFileSync(join(path, "p", name)).subarray(8);
		assertSame(found, filled(100, index));
	}
	assert.isTrue(storage.host.capabilities.ring);
	await storage.close();
});

/** What a command says, and the calls of its trace. */
function traced(
	file: string,
	command: readonly string[],
): [said: string, trace: readonly string[]] {
	const options = ["-f", "-y", "-s", "0", "-e", `trace=${TRACED.join(",")}`];
	const said = output("strace", ...options, "-o", file, ...command);
	return [said, joinedLines(readFileSync(file, "utf8"))];
}

function output(command: string, ...parameters: string[]): string {
	return execFileSync(command, parameters, { encoding: "utf8" });
}
