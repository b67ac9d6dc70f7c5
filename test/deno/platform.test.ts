import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { assert } from "chai";
import { afterEach, beforeEach, test, vi } from "vitest";
import { openStorage } from "../../hosts/deno.ts";
import { denoCommandLine } from "../support/package/programs.ts";
import { assertFails, failureOf } from "../support/runs/failure.ts";

const PLATFORMS = readFileSync(pathOf("../../docs/platforms.md"), "utf8");
const tryLockSync = () => true;

let parent: string;
let store: string;

beforeEach(() => {
	parent = mkdtempSync(join(tmpdir(), "dualslot-"));
	store = join(parent, "store");
});

afterEach(() => {
	vi.unstubAllGlobals();
	rmSync(parent, { recursive: true });
});

test.each([
	["another runtime", undefined],
	["a Deno whose files have no tryLock", denoOf("2.9.5", {})],
	["Deno 2.7.14", denoOf("2.7.14", { tryLockSync })],
	["Deno 1.46.3", denoOf("1.46.3", { tryLockSync })],
])(
	"%s is refused in the words of docs/platforms.md, before anything is touched",
	async (_, deno) => {
		vi.stubGlobal("Deno", deno);
		for (const readOnly of [false, true]) {
			const { message } = await assertFails("ERR_UNSUPPORTED", () =>
				openStorage(store, { readOnly }),
			);
			assert.include(PLATFORMS, message);
		}
		assert.isFalse(existsSync(store));
	},
);

test("a running Deno without tryLock is refused, before anything is touched", () => {
	assert.deepEqual(open([]), {});
	rmSync(store, { recursive: true });
	const failure = open(["--preload", pathOf("without-try-lock.mjs")]);
	assert.propertyVal(failure, "code", "ERR_UNSUPPORTED");
	assert.isFalse(existsSync(store));
});

test.each(["2.8.0", "2.10.0", "3.0.0"])(
	"Windows is refused under Deno %s where it would have to lock, in the words of docs/platforms.md",
	async (version) => {
		vi.resetModules();
		vi.doMock("node:process", () => ({ platform: "win32" }));
		vi.stubGlobal("Deno", denoOf(version, { tryLockSync }));
		try {
			const { denoHost } = await import("../../hosts/deno.ts");
			const failure = await failureOf(() => denoHost(store).lock());
			assert.propertyVal(failure, "code", "ERR_UNSUPPORTED");
			const [, message = ""] = String(failure).split("StorageError: ");
			assert.match(message, /^Windows has no flock/);
			assert.include(PLATFORMS, message);
		} finally {
			vi.doUnmock("node:process");
			vi.resetModules();
		}
	},
);

for (const [platform, isDirect] of [
	["linux", true],
	["darwin", false],
] as const) {
	test(`Deno ${isDirect ? "has" : "has no"} direct I/O on ${platform}, and says so`, async () => {
		vi.resetModules();
		vi.doMock("node:process", () => ({ platform }));
		vi.stubGlobal("Deno", denoOf("2.9.5", { tryLockSync }));
		try {
			const { denoHost } = await import("../../hosts/deno.ts");
			const host = denoHost(store);
			assert.equal(host.capabilities.directIO, isDirect);
			if (!isDirect) {
				await host.makeDirectory("");
				const failure = await failureOf(() =>
					host.open("file", "create", { direct: true }),
				);
				assert.propertyVal(failure, "code", "ENOTSUP");
				assert.isUndefined(await host.open("file", "read"));
				const file = await host.open("file", "create");
				assert.isFalse(await file?.allocate(4096));
				assert.equal(await file?.size(), 4096);
				await file?.close();
			}
		} finally {
			vi.doUnmock("node:process");
			vi.resetModules();
		}
	});
}

function denoOf(deno: string, prototype: object): object {
	const permissions = { querySync: () => ({ state: "granted" }) };
	return { version: { deno }, FsFile: { prototype }, permissions };
}

function open(options: readonly string[]): object {
	const [command, ...parameters] = denoCommandLine(pathOf("open-blob.mjs"), [
		"--allow-all",
		...options,
	]);
	const given = [...parameters, store, "partition", "blob"];
	return JSON.parse(execFileSync(command, given).toString());
}

function pathOf(name: string): string {
	return fileURLToPath(new URL(name, import.meta.url));
}
