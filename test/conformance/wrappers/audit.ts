import { assert } from "chai";
import { AuditedHost } from "../../../src/host/audited.ts";
import { FaultyHost } from "../../../src/host/faulty.ts";
import type { Host } from "../../../src/host/host.ts";
import { opened, withFile, writeRaw } from "../../support/hosts/raw-file.ts";
import { sha256 } from "../../support/oracles/sha256.ts";
import { bytesOf, joined, pattern, toHex } from "../../support/runs/bytes.ts";
import { assertFails, failureOf } from "../../support/runs/failure.ts";
import { hostTest, type Suite } from "../../support/runs/suite.ts";

type Field = string | number | Uint8Array;
type Script = (host: Host) => Promise<unknown>;

const NOTHING = "00".repeat(32);

/** Scripts whose calls all differ. */
const SCRIPTS: Readonly<Record<string, Script>> = {
	nothing: async () => undefined,
	"a write": (host) => write(host, "file", "abc", 0),
	"other bytes": (host) => write(host, "file", "abd", 0),
	"an empty write": (host) => write(host, "file", "", 0),
	"another offset": (host) => write(host, "file", "abc", 1),
	"another file": (host) => write(host, "file2", "abc", 0),
	"another mode": (host) =>
		withFile(host, "file", "write", (file) => file.write([bytesOf("abc")], 0)),
	"a read": (host) => read(host, 3, 0),
	"a longer read": (host) => read(host, 4, 0),
	"a read elsewhere": (host) => read(host, 3, 1),
	"two writes": async (host) => {
		await write(host, "file", "a", 0);
		await write(host, "file", "b", 0);
	},
	"two writes the other way round": async (host) => {
		await write(host, "file", "b", 0);
		await write(host, "file", "a", 0);
	},
	"a rename": (host) => failureOf(async () => host.rename("ab", "c")),
	"a rename of the same letters": (host) =>
		failureOf(async () => host.rename("a", "bc")),
	"a directory": async (host) => host.makeDirectory("directory"),
	"a directory made durable": async (host) => host.syncDirectory(""),
	"a removal": async (host) => host.remove("directory"),
	"a listing": async (host) => host.list("directory"),
};

export function auditRows(suite: Suite): void {
	digestRows(suite);
	timingRows(suite);
}

function digestRows(suite: Suite): void {
	const test = hostTest(suite);

	test("the digest of no call is 32 zero bytes", async (host) => {
		assert.equal(await new AuditedHost(host).digest(), NOTHING);
	});

	test("the digest is a chain of SHA-256 over every call and what it was called with", async (host) => {
		const audited = new AuditedHost(host);
		await askEverything(audited);
		assert.equal(
			await audited.digest(),
			await digestOf(
				["make_directory", ""],
				["lock"],
				["make_directory", "ä"],
				["open", "ä/b", "replace"],
				["write_at", "ä/b", 2, bytesOf("hello world")],
				["size", "ä/b"],
				["read_at", "ä/b", 2 ** 40 + 1, 300],
				["resize", "ä/b", 1000],
				["allocate", "ä/b", 2000],
				["sync", "ä/b"],
				["close", "ä/b"],
				["rename", "ä/b", "c"],
				["sync_directory", "ä"],
				["scan", ""],
				["open", "missing", "read"],
				["remove", "c"],
				["lock", "d"],
				["unlock", "d"],
				["unlock"],
			),
		);
	});

	test("no two scripts that ask for different things have the same digest", async (host) => {
		const digests = new Set<string>();
		for (const script of Object.values(SCRIPTS)) {
			digests.add(await digestOfScript(host, script));
		}
		assert.equal(digests.size, Object.keys(SCRIPTS).length);
	});

	test("two hosts that are asked for the same have the same digest, however a write is parted", async (host) => {
		const parted = (...parts: string[]) =>
			digestOfScript(host, (audited) =>
				withFile(audited, "file", "write", (file) =>
					file.write(parts.map(bytesOf), 0),
				),
			);
		const digest = await parted("abc");
		assert.equal(await parted("abc"), digest);
		assert.equal(await parted("a", "", "bc"), digest);
	});

	test("a call that fails is in the digest too", async (host) => {
		const failing = new FaultyHost(host, 1, { scan: 1 });
		const audited = new AuditedHost(failing);
		await failureOf(() => audited.list("directory"));
		assert.equal(await audited.digest(), await digestOf(["scan", "directory"]));
	});

	test("without SHA-256 an audit is refused", async (host) => {
		Object.defineProperty(crypto, "subtle", {
			value: undefined,
			configurable: true,
		});
		try {
			await assertFails("ERR_UNSUPPORTED", () => new AuditedHost(host));
		} finally {
			Reflect.deleteProperty(crypto, "subtle");
		}
		assert.isDefined(crypto.subtle);
	});
}

function timingRows(suite: Suite): void {
	const test = hostTest(suite);

	test("a digest is that of the calls before it, and of none after", async (host) => {
		const audited = new AuditedHost(host);
		await audited.makeDirectory("");
		const early = audited.digest();
		await audited.list("");
		const late = audited.digest();
		assert.equal(await early, await digestOf(["make_directory", ""]));
		assert.equal(
			await late,
			await digestOf(["make_directory", ""], ["scan", ""]),
		);
	});

	test("what is written counts as it was when it was written", async (host) => {
		await host.makeDirectory("");
		const audited = new AuditedHost(host);
		const file = await opened(audited, "file", "replace");
		const bytes = pattern(1000);
		await file.write([bytes], 0);
		bytes.fill(0);
		assert.equal(
			await audited.digest(),
			await digestOf(
				["open", "file", "replace"],
				["write_at", "file", 0, pattern(1000)],
			),
		);
		await file.close();
	});

	test("answers wait for the digest where more is written than may wait to be hashed, and nothing is lost", async (host) => {
		await host.makeDirectory("");
		const audited = new AuditedHost(host);
		const file = await opened(audited, "file", "replace");
		const bytes = pattern(1024 * 1024);
		const expected: Field[][] = [["open", "file", "replace"]];
		for (let index = 0; index < 20; index += 1) {
			await file.write([bytes], index);
			expected.push(["write_at", "file", index, bytes]);
		}
		assert.equal(await audited.digest(), await digestOf(...expected));
		await file.close();
	});
}

async function askEverything(host: Host): Promise<void> {
	await host.makeDirectory("");
	const lock = await host.lock();
	await host.makeDirectory("ä");
	const file = await opened(host, "ä/b", "replace");
	await file.write([bytesOf("hello"), bytesOf(" world")], 2);
	await file.size();
	await file.read([new Uint8Array(300)], 2 ** 40 + 1);
	await file.truncate(1000);
	await file.allocate(2000);
	await file.sync();
	await file.close();
	await host.rename("ä/b", "c");
	await host.syncDirectory("ä");
	await host.list("");
	await host.open("missing", "read");
	await host.remove("c");
	const fileLock = await host.lock("d");
	await fileLock?.release();
	await lock?.release();
}

/** The digest of one script, on a host that has its file. */
async function digestOfScript(host: Host, script: Script): Promise<string> {
	await host.remove("directory");
	await writeRaw(host, "file", bytesOf("a file"));
	const audited = new AuditedHost(host);
	await script(audited);
	return audited.digest();
}

function write(
	host: Host,
	path: string,
	text: string,
	offset: number,
): Promise<void> {
	return withFile(host, path, "replace", (file) =>
		file.write([bytesOf(text)], offset),
	);
}

function read(host: Host, length: number, offset: number): Promise<number> {
	return withFile(host, "file", "read", (file) =>
		file.read([new Uint8Array(length)], offset),
	);
}

/** The chain by its definition, step by step. */
async function digestOf(...calls: readonly Field[][]): Promise<string> {
	let digest = new Uint8Array(32);
	for (const fields of calls) {
		const framed = fields
			.map(encoded)
			.flatMap((bytes) => [bigEndian(bytes.length), bytes]);
		digest = await sha256(joined(digest, ...framed));
	}
	return toHex(digest);
}

function encoded(field: Field): Uint8Array {
	if (typeof field === "string") {
		return bytesOf(field);
	}
	return typeof field === "number" ? bigEndian(field) : field;
}

function bigEndian(value: number): Uint8Array {
	return Uint8Array.from(
		{ length: 8 },
		(_, index) => Math.floor(value / 256 ** (7 - index)) % 256,
	);
}
