import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	rmSync,
	symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { assert } from "chai";
import { afterEach, beforeEach, test } from "vitest";
import { nodeHost, openStorage } from "../../hosts/node.ts";
import { Holder } from "../support/hosts/holder.ts";
import {
	type CommandLine,
	commandLine,
	denoCommandLine,
	type Runtime,
} from "../support/package/programs.ts";
import { assertFails } from "../support/runs/failure.ts";

const READER = fileURLToPath(
	new URL("../support/hosts/read-beside.mjs", import.meta.url),
);

let directory: string;
let holders: Holder[];

beforeEach(() => {
	directory = mkdtempSync(join(tmpdir(), "dualslot-"));
	holders = [];
});

afterEach(async () => {
	await Promise.all(holders.map((holder) => holder.end()));
	rmSync(directory, { recursive: true });
});

test.each([
	["deno", "node"],
	["node", "deno"],
	["deno", "deno"],
] as const)(
	"while %s holds a lock, %s is refused in another process",
	async (first, second) => {
		const holder = startHolder(first);
		await holder.holding();
		await startHolder(second).refused();
		await holder.kill();
		await startHolder(second).holding();
	},
);

test("a store that Deno holds is refused in Node, by its name", async () => {
	const holder = startHolder("deno");
	await holder.holding();
	const failure = await assertFails("ERR_LOCKED", () => openStorage(directory));
	assert.include(failure.message, directory);
	await holder.kill();
	await (await openStorage(directory)).close();
});

test("a store that is open in Deno is refused in the same process until it is closed", () => {
	const [command, ...options] = denoCommand("open-twice.mjs");
	const said = execFileSync(command, [...options, directory]).toString();
	assert.deepEqual(JSON.parse(said), { refusal: "ERR_LOCKED", name: "deno" });
});

test.each(["store.lock", "manifest.log"])(
	"%s of a packed store is not locked in Deno through a link, nor made behind one",
	(name) => {
		const target = join(directory, "outside");
		const packed = join(directory, "packed");
		mkdirSync(packed);
		symlinkSync(target, join(packed, name));
		const [command, ...options] = denoCommand("linked-lock.mjs");
		const said = execFileSync(command, [...options, packed]).toString();
		assert.equal(said, "ERR_IO");
		assert.isFalse(existsSync(target));
	},
);

test("a store whose directory is moved in Deno touches none that is made under its name", () => {
	const [command, ...options] = denoCommand("moved.mjs");
	const places = [join(directory, "store"), join(directory, "moved")];
	const said = execFileSync(command, [...options, ...places]).toString();
	assert.deepEqual(JSON.parse(said), {
		refusals: ["ERR_MOVED", "ERR_MOVED", "ERR_MOVED"],
		sizes: [1, 3],
	});
});

test("a partition that is moved in Deno has no name looked for or made in its place, nor a reader's directory", () => {
	const [command, ...options] = denoCommand("moved-parts.mjs");
	const said = execFileSync(command, [...options, directory]).toString();
	assert.deepEqual(JSON.parse(said), {
		refusals: Array(4).fill("ERR_MOVED"),
		reader: Array(2).fill("ERR_MOVED"),
		names: ["6e616d65"],
		isMarked: true,
		size: 3,
	});
});

test("a lock ends with a Deno that is killed, and leaves nothing to clean up", async () => {
	const holder = startHolder("deno");
	await holder.kill();
	assert.deepEqual(readdirSync(directory), []);
	assert.isTrue(await isFree());
});

test("workers of Deno that are terminated leave neither their lock nor a file", () => {
	const [command, ...options] = denoCommand("ended-workers.mjs");
	const said = execFileSync(command, [...options, directory]).toString();
	assert.deepEqual(JSON.parse(said), { opened: 5, held: 0 });
});

test.each([
	["node", "deno"],
	["deno", "node"],
] as const)(
	"a store that %s has open is read by %s without a crash to be found, and with one once it is killed",
	async (owner, reader) => {
		const holder = Holder.ofStore(owner, directory);
		holders.push(holder);
		await holder.holding();
		assert.deepEqual(read(commandLine(reader, READER), reader), {
			...{ foundCrash: false, owner: "live" },
		});
		await holder.kill();
		assert.include(read(commandLine(reader, READER), reader), {
			foundCrash: true,
		});
	},
);

test("a Deno without all rights cannot know of an owner, and takes its marker for that of a crash", async () => {
	const holder = Holder.ofStore("node", directory);
	holders.push(holder);
	await holder.holding();
	const rights = denoCommandLine(READER, ["--allow-read"]);
	assert.deepEqual(read(rights, "deno"), {
		...{ foundCrash: true, owner: "unknown" },
	});
});

test("Deno's lock is not inherited by a child that outlives its holder", async () => {
	const holder = startHolder("deno", "60");
	const { child } = await holder.holding();
	assert.isDefined(child);
	try {
		await holder.kill();
		assert.isTrue(process.kill(child, 0));
		assert.isTrue(await isFree());
	} finally {
		process.kill(child, "SIGKILL");
	}
});

test("a store opens for a Deno that waits when Node closes it", async () => {
	const storage = await openStorage(directory);
	const [command, ...options] = denoCommand("open-waiting.mjs");
	const waiting = spawn(command, [...options, directory], {
		stdio: ["ignore", "pipe", "inherit"],
	});
	const exited = once(waiting, "exit");
	const lines = createInterface({ input: waiting.stdout });
	const said = lines[Symbol.asyncIterator]();
	const next = async () => (await said.next()).value;
	assert.equal(await next(), "waiting");
	const opened = next();
	const early = await Promise.race([opened, setTimeout(50, "still waiting")]);
	assert.equal(early, "still waiting");
	await storage.close();
	assert.equal(await opened, "open");
	assert.deepEqual(await exited, [0, null]);
});

test("a store opens for a Node that waits when Deno ends", async () => {
	const holder = startHolder("deno");
	await holder.holding();
	const waiting = openStorage(directory, { wait: 60_000 });
	await holder.kill();
	await (await waiting).close();
});

/** What a reader in another process is told. */
function read([command, ...options]: CommandLine, runtime: Runtime) {
	const said = execFileSync(command, [...options, runtime, directory]);
	return JSON.parse(said.toString());
}

async function isFree(): Promise<boolean> {
	const lock = await nodeHost(directory).lock();
	await lock?.release();
	return lock !== undefined;
}

function startHolder(runtime: Runtime, ...childSeconds: string[]): Holder {
	const holder = Holder.ofLock(runtime, directory, ...childSeconds);
	holders.push(holder);
	return holder;
}

function denoCommand(script: string) {
	return commandLine("deno", fileURLToPath(new URL(script, import.meta.url)));
}
