import * as fs from "node:fs";
import { arch, platform } from "node:process";
import { fileURLToPath } from "node:url";
import { assert } from "chai";
import koffi from "koffi";
import { describe, test } from "vitest";
import { bindLibc } from "../../hosts/node/libc.ts";
import { NodeHost } from "../../hosts/node/node-host.ts";
import { PLATFORMS, platformCalls } from "../../hosts/posix/platform.ts";
import type { SyncMode } from "../../hosts/posix/syncs.ts";
import type { Host, HostFile } from "../../src/host/host.ts";
import { PackedStore } from "../../src/packed/packed-store.ts";
import { hostConformance } from "../conformance/host.ts";
import { type FileMode, openAs } from "../support/hosts/raw-file.ts";
import { temporaryHost } from "../support/hosts/temporary-host.ts";
import {
	F_FULLFSYNC,
	F_NOCACHE,
	F_PREALLOCATE,
	RuledLibc,
} from "../support/kernels/ruled-libc.ts";
import { assertFails, failureOf } from "../support/runs/failure.ts";

/** What says that a system has no such call. */
const MISSING = ["ENOSYS", "EINVAL", "EOPNOTSUPP", "ENOTTY"];
const MODES: readonly SyncMode[] = ["async", "blocking"];
const SIZE = 3 * 4096;

test("docs/platforms.md says which calls each system is given", () => {
	const rows = Object.entries(PLATFORMS).map(([name, calls]) => [
		`\`${name}\``,
		...Object.values(calls).map((call) =>
			call === "none" ? "none" : `\`${call}\``,
		),
	]);
	const documented = tableOf(documentText(), "process.platform");
	assert.deepEqual(
		documented.map((row) => row.slice(0, -1)).slice(0, rows.length),
		rows,
	);
});

test("a system that no row is of is given flock and fdatasync alone", () => {
	const { lock, sync, ...others } = platformCalls("haiku");
	assert.deepEqual([lock, sync], ["flock", "fdatasync"]);
	assert.deepEqual([...new Set(Object.values(others))], ["none"]);
});

// The calls of macOS are done by those of Linux.
describe.runIf(platform === "linux")("a kernel of macOS", () => {
	describe.each(MODES)("sync: %s", (sync) => {
		const createHost = () =>
			temporaryHost((path) => hostOn("darwin", new RuledLibc(), path, sync));
		hostConformance({ test, host: "node", createHost });
	});

	test("room is made behind the end of the file, in one piece", async () => {
		const libc = new RuledLibc();
		await withFile("darwin", libc, "create", async (file) => {
			await file.write([new Uint8Array(4096)], 0);
			assert.isTrue(await file.allocate(SIZE));
			assert.equal(await file.size(), SIZE);
			assert.isTrue(await file.allocate(4096));
		});
		// F_ALLOCATECONTIG | F_ALLOCATEALL, F_PEOFPOSMODE, offset 0, length 0x2000, nothing allocated yet.
		const argument = `0600000003000000${"0".repeat(16)}0020000000000000${"0".repeat(16)}`;
		assert.deepEqual(roomAsked(libc), [argument]);
	});

	test("room is made in pieces where there is no one piece", async () => {
		const libc = new RuledLibc(({ argument }) =>
			String(argument).startsWith("06") ? "ENOSPC" : undefined,
		);
		await withFile("darwin", libc, "create", async (file) => {
			assert.isTrue(await file.allocate(SIZE));
			assert.equal(await file.size(), SIZE);
		});
		assert.deepEqual(
			roomAsked(libc).map((argument) => String(argument).slice(0, 16)),
			["0600000003000000", "0400000003000000"],
		);
	});

	test("a file with holes is promised no room", async () => {
		await withFile("darwin", new RuledLibc(), "create", async (file) => {
			await file.truncate(64 * 4096);
			assert.isFalse(await file.allocate(65 * 4096));
			assert.equal(await file.size(), 65 * 4096);
		});
	});

	test.each(MODES)(
		"F_FULLFSYNC makes files and directories durable, sync: %s",
		async (sync) => {
			const libc = new RuledLibc();
			await withHost("darwin", libc, sync, async (host) => {
				const syncs = () => syncsAsked(libc);
				const before = syncs();
				const file = await opened(host, "create");
				await file.sync();
				assert.equal(syncs() - before, 1);
				await host.syncDirectory("");
				assert.equal(syncs() - before, 2);
				await file.close();
				assert.equal(host.capabilities.syncSurvives, "power-loss");
			});
		},
	);

	for (const sync of MODES) {
		test.each(MISSING)(
			`a sync that has no F_FULLFSYNC (%s) goes on by fsync, and says what it survives, sync: ${sync}`,
			async (errno) => {
				const libc = failing(F_FULLFSYNC, errno);
				await withHost("darwin", libc, sync, async (host) => {
					const file = await opened(host, "create");
					await file.sync();
					await file.close();
					assert.equal(host.capabilities.syncSurvives, "process");
				});
			},
		);
	}

	test.each(MODES)(
		"a failure of F_FULLFSYNC is the sync's, and none tries for less, sync: %s",
		async (sync) => {
			const libc = new RuledLibc(({ command }, nth) =>
				command === F_FULLFSYNC && nth > 1 ? "EIO" : undefined,
			);
			await withHost("darwin", libc, sync, async (host) => {
				const file = await opened(host, "create");
				const asked = syncsAsked(libc);
				const failure = await failureOf(() => file.sync());
				assert.propertyVal(failure, "code", "EIO");
				assert.equal(syncsAsked(libc), asked + 1);
				await file.close();
			});
		},
	);

	test("a file is read and written past the cache by F_NOCACHE", async () => {
		const libc = new RuledLibc();
		await withFile("darwin", libc, "direct", async (file) => {
			assert.isAbove(file.traits.alignment, 1);
		});
		await withFile("darwin", libc, "create", async (file) => {
			assert.equal(file.traits.alignment, 1);
		});
		const asked = libc.made.filter(({ command }) => command === F_NOCACHE);
		assert.deepEqual(asked, [
			{ call: "fcntl", command: F_NOCACHE, argument: 1 },
		]);
	});

	test.each(MISSING)(
		"a packed store goes through the cache where F_NOCACHE is missing (%s) and need not be there",
		async (errno) => {
			const libc = failing(F_NOCACHE, errno);
			await withHost("darwin", libc, "async", async (host) => {
				const small = { frames: 2, directIO: "preferred" } as const;
				const store = await PackedStore.open(host, small);
				assert.isFalse(store.capabilities.directIO);
				await store.close();
				await assertFails("ERR_DIRECT_IO", () =>
					PackedStore.open(host, { ...small, directIO: "required" }),
				);
			});
		},
	);
});

describe.runIf(platform === "linux")("room on the disk", () => {
	const LACKING = [
		["linux", (errno: string) => failingCall("posix_fallocate", errno)],
		["darwin", (errno: string) => failing(F_PREALLOCATE, errno)],
	] as const;
	for (const [system, libcOf] of LACKING) {
		test.each(MISSING)(
			`where ${system} has none to promise (%s), a file is extended with zeros`,
			async (errno) => {
				await withFile(system, libcOf(errno), "create", async (file) => {
					assert.isFalse(await file.allocate(SIZE));
					assert.equal(await file.size(), SIZE);
				});
			},
		);
		test(`where ${system} has too little, that is said, and the file stays as it is`, async () => {
			await withFile(system, libcOf("ENOSPC"), "create", async (file) => {
				const failure = await failureOf(() => file.allocate(SIZE));
				assert.propertyVal(failure, "code", "ENOSPC");
				assert.equal(await file.size(), 0);
			});
		});
	}

	test("a call that has no thread, or that a signal ends, is made again", async () => {
		const script = ["EAGAIN", "EINTR", "EAGAIN"];
		const libc = new RuledLibc(({ call }) =>
			call === "posix_fallocate" ? script.shift() : undefined,
		);
		await withFile("linux", libc, "create", async (file) => {
			assert.isTrue(await file.allocate(SIZE));
		});
		assert.isEmpty(script);
	});

	test("a system without such a call promises none", async () => {
		await withFile("haiku", new RuledLibc(), "create", async (file) => {
			assert.isFalse(await file.allocate(SIZE));
			assert.equal(await file.size(), SIZE);
		});
	});
});

test("a file is not opened past the cache where the system has no such thing, and none is made", async () => {
	await withHost("haiku", new RuledLibc(), "async", async (host) => {
		assert.isFalse(host.capabilities.directIO);
		const failure = await failureOf(() =>
			host.open("file", "create", { direct: true }),
		);
		assert.propertyVal(failure, "code", "ENOTSUP");
		assert.isUndefined(await host.open("file", "read"));
	});
});

test("huge pages that the kernel has not are a wish that is not heard", async () => {
	const libc = failingCall("madvise", "EINVAL");
	await withFile("linux", libc, "direct", async (file) => {
		assert.isFalse(await file.pin([new Uint8Array(4096)]));
	});
});

test("a system whose C library has no flock is refused, in the words of docs/platforms.md", async () => {
	const libc = failingCall("flock", "ENOSYS");
	await withHost("linux", libc, "async", async (host) => {
		await host.makeDirectory("");
		const { message } = await assertFails("ERR_UNSUPPORTED", () => host.lock());
		assert.include(documentText(), message);
	});
});

test("a symbol that the C library lacks fails its own call with ENOSYS, and no other", async () => {
	const lacking = ["madvise", "posix_fallocate"];
	const libc = bindLibc({
		...koffi,
		load: () => {
			const library = koffi.load(null);
			const func = (prototype: string) => {
				if (lacking.some((name) => prototype.includes(name))) {
					throw new Error("Cannot find function in shared library");
				}
				return library.func(prototype);
			};
			return { ...library, func };
		},
	});
	await withFile("linux", libc, "create", async (file) => {
		assert.isFalse(await file.allocate(SIZE));
	});
	await withFile("linux", libc, "direct", async (file) => {
		assert.isFalse(await file.pin([new Uint8Array(4096)]));
	});
});

test("koffi without a free thread is asked again; any other failure of koffi is the call's", async () => {
	const refusals = [
		new Error("Too many asynchronous calls are running"),
		new TypeError("Unexpected value"),
	];
	const libc = bindLibc({
		...koffi,
		load: () => {
			const library = koffi.load(null);
			const func = (prototype: string) => {
				const call = library.func(prototype);
				const async = () => {
					throw refusals.shift() ?? new Error("asked too often");
				};
				return prototype.includes("posix_fallocate")
					? Object.assign(call, { async })
					: call;
			};
			return { ...library, func };
		},
	});
	await withFile("linux", libc, "create", async (file) => {
		const error = await failureOf(async () => file.allocate(SIZE));
		assert.instanceOf(error, TypeError);
	});
	assert.isEmpty(refusals);
});

test.runIf(platform === "linux" && ["x64", "arm64"].includes(arch))(
	"fcntl is handed a structure's bytes, and changes them",
	() => {
		const F_GETLK = 5;
		const F_UNLCK = 2;
		// struct flock: i16 l_type, i16 l_whence, 4 bytes, i64 l_start, i64 l_len, i32 l_pid, 4 bytes.
		const lock = new Uint8Array(32);
		const fd = fs.openSync(fileURLToPath(import.meta.url), "r");
		assert.equal(bindLibc(koffi).fcntl(fd, F_GETLK, lock), 0);
		fs.closeSync(fd);
		assert.equal(new DataView(lock.buffer).getInt16(0, true), F_UNLCK);
	},
);

function failing(command: number, errno: string): RuledLibc {
	return new RuledLibc((made) =>
		made.command === command ? errno : undefined,
	);
}

function failingCall(call: string, errno: string): RuledLibc {
	return new RuledLibc((made) => (made.call === call ? errno : undefined));
}

function roomAsked({ made }: RuledLibc): unknown[] {
	const asked = made.filter(({ command }) => command === F_PREALLOCATE);
	return asked.map(({ argument }) => argument);
}

function syncsAsked({ made }: RuledLibc): number {
	return made.filter(({ command }) => command === F_FULLFSYNC).length;
}

function hostOn(
	system: string,
	libc: ReturnType<typeof bindLibc>,
	path: string,
	sync: SyncMode,
): Host {
	return new NodeHost(
		path,
		{ sync },
		{
			calls: platformCalls(system),
			libc: async () => libc,
			ring: async () => undefined,
		},
	);
}

/** A store's directory is made first. */
async function withHost(
	system: string,
	libc: ReturnType<typeof bindLibc>,
	sync: SyncMode,
	body: (host: Host) => Promise<void>,
): Promise<void> {
	const { host, cleanUp } = temporaryHost((path) =>
		hostOn(system, libc, path, sync),
	);
	try {
		await host.makeDirectory("");
		await body(host);
	} finally {
		await cleanUp();
	}
}

async function withFile(
	system: string,
	libc: ReturnType<typeof bindLibc>,
	mode: FileMode,
	body: (file: HostFile) => Promise<void>,
): Promise<void> {
	await withHost(system, libc, "async", async (host) => {
		const file = await opened(host, mode);
		await body(file);
		await file.close();
	});
}

async function opened(host: Host, mode: FileMode): Promise<HostFile> {
	const file = await openAs(host, "file", mode);
	return file ?? assert.fail("no such file");
}

function documentText(): string {
	const path = new URL("../../docs/platforms.md", import.meta.url);
	return fs.readFileSync(path, "utf8");
}

/** The cells of each row of the table whose head names that. */
function tableOf(text: string, head: string): string[][] {
	const lines = text.split("\n");
	const start = lines.findIndex(
		(line) => line.startsWith("|") && line.includes(head),
	);
	const rest = lines.slice(start + 2);
	const end = rest.findIndex((line) => !line.startsWith("|"));
	return rest.slice(0, end).map((row) =>
		row
			.split("|")
			.slice(1, -1)
			.map((cell) => cell.trim()),
	);
}
