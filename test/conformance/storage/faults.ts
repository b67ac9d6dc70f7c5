import { assert } from "chai";
import type { StorageErrorCode } from "../../../src/errors.ts";
import { Storage } from "../../../src/storage/storage.ts";
import type { StorageBlob } from "../../../src/storage/storage-blob.ts";
import { deferred } from "../../../src/turns/deferred.ts";
import {
	InterceptedHost,
	type Interceptor,
} from "../../support/hosts/intercepted-host.ts";
import { readRaw, truncateRaw } from "../../support/hosts/raw-file.ts";
import { bytesOf, textOf } from "../../support/runs/bytes.ts";
import {
	assertFails,
	DISK_FULL,
	KERNEL_ERROR,
} from "../../support/runs/failure.ts";
import { hostTest, type Suite, withStorage } from "../../support/runs/suite.ts";

const PATH = "partition/6e616d65";
const HEADER = 8;

const fail = () => {
	throw KERNEL_ERROR;
};

const closeAndFail = async (_: string, call: () => unknown) => {
	await call();
	throw KERNEL_ERROR;
};

/** Each step that a kernel can refuse, and its name. */
const FAULTS: readonly [
	string,
	StorageErrorCode,
	string,
	Interceptor,
	(blob: StorageBlob) => Promise<void>,
][] = [
	[
		"cut",
		"ERR_BLOB_RESIZE_FAILED",
		"[test_resize_reports_kernel_error]",
		{ truncate: fail },
		(blob) => blob.resize(1),
	],
	[
		"sync",
		"ERR_BLOB_SYNC_FAILED",
		"[test_blob_sync_reports_kernel_error]",
		{ sync: fail },
		(blob) => blob.sync(),
	],
	[
		"write",
		"ERR_WRITE_FAILED",
		"",
		{ write: fail },
		(blob) => blob.write(0, bytesOf("new")),
	],
];

export function faultRows(suite: Suite): void {
	kernelRows(suite);
	bugRows(suite);
	diskFullRows(suite);
}

function kernelRows(suite: Suite): void {
	const onHost = hostTest(suite);

	for (const [what, code, original, hooks, mutate] of FAULTS) {
		onHost(
			`a failed ${what} is reported with its cause, and refuses all mutations until the blob is opened anew ${original}`.trimEnd(),
			async (host) => {
				const faulty = new InterceptedHost(host);
				await withStorage(faulty, async (storage) => {
					const blob = await storage.open("partition", "name");
					await blob.write(0, bytesOf("hello"));
					faulty.hooks = hooks;
					const error = await assertFails(code, () => mutate(blob));
					assert.equal(error.cause, KERNEL_ERROR);
					assert.include(error.message, PATH);
					assert.include(error.place, { path: PATH, partition: "partition" });
					faulty.hooks = {};
					for (const call of [
						() => blob.write(0, bytesOf("late")),
						() => blob.writeSync(0, bytesOf("late")),
						() => blob.resize(0),
						() => blob.sync(),
					]) {
						const refusal = await assertFails("ERR_POISONED", call);
						assert.equal(refusal, blob.failure);
						assert.equal(refusal.cause, KERNEL_ERROR);
					}
					assert.equal(textOf(await blob.read(0, 5)), "hello");
					await blob.drop();
					const again = await storage.open("partition", "name");
					assert.isUndefined(again.failure);
					await again.write(0, bytesOf("HELLO"));
					await again.sync();
				});
			},
		);
	}

	onHost(
		"a failed read is reported with its cause, and refuses nothing after it",
		async (host) => {
			const faulty = new InterceptedHost(host);
			await withStorage(faulty, async (storage) => {
				const blob = await storage.open("partition", "name");
				await blob.write(0, bytesOf("hello"));
				faulty.hooks.read = fail;
				const error = await assertFails("ERR_READ_FAILED", () =>
					blob.read(0, 5),
				);
				assert.equal(error.cause, KERNEL_ERROR);
				faulty.hooks = {};
				assert.equal(textOf(await blob.read(0, 5)), "hello");
				await blob.sync();
			});
		},
	);

	for (const count of [-1, 6, 4.5, 4_294_967_288, Number.NaN]) {
		onHost(
			`a read of 5 bytes that is said to have found ${count} has failed, and gives none`,
			async (host) => {
				const lying = new InterceptedHost(host);
				await withStorage(lying, async (storage) => {
					const blob = await storage.open("partition", "name");
					await blob.write(0, bytesOf("hello"));
					lying.hooks.read = async (_path, call) => {
						await call();
						return count;
					};
					const { cause } = await assertFails("ERR_READ_FAILED", () =>
						blob.read(0, 5),
					);
					assert.propertyVal(cause, "code", "EIO");
					lying.hooks = {};
					assert.equal(textOf(await blob.read(0, 5)), "hello");
				});
			},
		);
	}

	onHost(
		"a file that somebody cut is shorter than the blob, and a read says so [test_read_at_reports_eof_when_blob_is_too_short]",
		async (host) => {
			await withStorage(host, async (storage) => {
				const blob = await storage.open("partition", "name");
				await blob.write(0, bytesOf("hello"));
				await truncateRaw(host, PATH, 10);
				await assertFails("ERR_BLOB_INSUFFICIENT_LENGTH", () =>
					blob.read(0, 5),
				);
				assert.equal(textOf(await blob.read(0, 2)), "he");
			});
		},
	);

	onHost(
		"a close that fails more than once rejects with the first failure, and each has a code",
		async (host) => {
			const faulty = new InterceptedHost(host);
			const storage = await Storage.open(faulty);
			const blob = await storage.open("partition", "name");
			await blob.write(0, bytesOf("hello"));
			faulty.hooks = { sync: fail, close: closeAndFail };
			await assertFails("ERR_BLOB_SYNC_FAILED", () => storage.close());
			faulty.hooks = {};
			const again = await Storage.open(faulty);
			await again.open("partition", "name");
			faulty.hooks = { close: closeAndFail };
			await assertFails("ERR_IO", () => again.close());
		},
	);

	onHost("a failed sync after a removal is reported too", async (host) => {
		const faulty = new InterceptedHost(host);
		await withStorage(faulty, async (storage) => {
			await storage.open("partition", "name");
			faulty.hooks.syncDirectory = fail;
			const error = await assertFails("ERR_BLOB_SYNC_FAILED", () =>
				storage.remove("partition", "name"),
			);
			assert.equal(error.cause, KERNEL_ERROR);
		});
	});

	onHost(
		"what could not be removed is not missing for that: ERR_IO, and why is the cause",
		async (host) => {
			const faulty = new InterceptedHost(host);
			await withStorage(faulty, async (storage) => {
				await storage.open("partition", "name");
				faulty.hooks.remove = fail;
				const blob = await assertFails("ERR_IO", () =>
					storage.remove("partition", "name"),
				);
				assert.equal(blob.cause, KERNEL_ERROR);
				const partition = await assertFails("ERR_IO", () =>
					storage.remove("partition"),
				);
				assert.equal(partition.cause, KERNEL_ERROR);
			});
		},
	);
}

/** A host's own failure, without a reason of the platform's. */
const BUG = new TypeError("undefined is no name");

function bugRows(suite: Suite): void {
	const onHost = hostTest(suite);
	const fail = () => {
		throw BUG;
	};
	const calls: readonly [string, Interceptor, (of: Storage) => unknown][] = [
		["lists", { list: fail }, (storage) => storage.scan("partition")],
		["removes", { remove: fail }, (storage) => storage.remove("partition")],
		[
			"removes a blob of",
			{ remove: fail },
			(storage) => storage.remove("partition", "name"),
		],
	];

	for (const [what, hooks, call] of calls) {
		onHost(
			`a bug of the host where it ${what} a partition is ERR_IO, and says nothing of what is there`,
			async (host) => {
				const broken = new InterceptedHost(host);
				await withStorage(broken, async (storage) => {
					await storage.open("partition", "name");
					broken.hooks = hooks;
					const error = await assertFails("ERR_IO", () => call(storage));
					assert.equal(error.cause, BUG);
					broken.hooks = {};
					assert.lengthOf(await storage.scan("partition"), 1);
				});
			},
		);
	}

	onHost(
		"a bug of the host where it opens a blob is ERR_BLOB_OPEN_FAILED, and makes none anew",
		async (host) => {
			const broken = new InterceptedHost(host);
			await withStorage(broken, async (storage) => {
				const blob = await storage.open("partition", "name");
				await blob.writeSync(0, bytesOf("held"));
				await blob.close();
				broken.hooks.open = fail;
				const error = await assertFails("ERR_BLOB_OPEN_FAILED", () =>
					storage.open("partition", "name"),
				);
				assert.equal(error.cause, BUG);
				broken.hooks = {};
				const found = await storage.open("partition", "name");
				assert.equal(textOf(await found.read(0, 4)), "held");
			});
		},
	);
}

function diskFullRows(suite: Suite): void {
	const onHost = hostTest(suite);

	onHost(
		"a write that found the disk full is undone, and refuses nothing after it",
		async (host) => {
			const faulty = new InterceptedHost(host);
			await withStorage(faulty, async (storage) => {
				const blob = await storage.open("partition", "name");
				await blob.write(0, bytesOf("hello"));
				const before = await readRaw(host, PATH);
				faulty.hooks.write = async (_path, { parts, offset, file }) => {
					faulty.hooks = {};
					const [first = new Uint8Array()] = parts;
					await file.write([first.subarray(0, 7)], offset);
					throw DISK_FULL;
				};
				const error = await assertFails("ERR_NO_SPACE", () =>
					blob.write(3, bytesOf("LOST AND GONE")),
				);
				assert.equal(error.cause, DISK_FULL);
				assert.equal(blob.size, 5);
				assert.deepEqual(await readRaw(host, PATH), before);
				await blob.write(5, bytesOf(" world"));
				await blob.sync();
				assert.equal(textOf(await blob.read(0, 11)), "hello world");
			});
		},
	);

	onHost(
		"a write that found the disk full takes nothing from one that was under way beside it",
		async (host) => {
			const faulty = new InterceptedHost(host);
			await withStorage(faulty, async (storage) => {
				const blob = await storage.open("partition", "name");
				await blob.write(0, bytesOf("hello"));
				const beside = deferred();
				const failed = deferred();
				faulty.hooks.write = async (_path, { offset }, call) => {
					if (offset === HEADER + 3) {
						await beside.promise;
						throw DISK_FULL;
					}
					await call();
					beside.resolve();
					await failed.promise;
				};
				const full = assertFails("ERR_NO_SPACE", () =>
					blob.write(3, bytesOf("LOST")),
				);
				const written = blob.write(4, bytesOf("O world"));
				await full;
				failed.resolve();
				await written;
				assert.equal(textOf(await blob.read(4, 7)), "O world");
				await assertFails("ERR_POISONED", () => blob.write(0, bytesOf("!")));
			});
		},
	);

	onHost(
		"a write that comes while another is undone follows it, and is there",
		async (host) => {
			const faulty = new InterceptedHost(host);
			await withStorage(faulty, async (storage) => {
				const blob = await storage.open("partition", "name");
				await blob.write(0, bytesOf("hello"));
				let next = Promise.resolve();
				faulty.hooks.write = () => {
					faulty.hooks = {
						truncate: async (_path, _size, call) => {
							faulty.hooks = {};
							next = blob.write(5, bytesOf(" world"));
							await new Promise((resolve) => setTimeout(resolve));
							await call();
						},
					};
					throw DISK_FULL;
				};
				await assertFails("ERR_NO_SPACE", () => blob.write(3, bytesOf("LOST")));
				await next;
				await blob.sync();
				assert.equal(textOf(await blob.read(0, 11)), "hello world");
			});
		},
	);

	onHost(
		"an extension that found the disk full is undone, and refuses nothing after it",
		async (host) => {
			const faulty = new InterceptedHost(host);
			await withStorage(faulty, async (storage) => {
				const blob = await storage.open("partition", "name");
				await blob.write(0, bytesOf("hello"));
				const before = await readRaw(host, PATH);
				faulty.hooks.truncate = async (path) => {
					faulty.hooks = {};
					await truncateRaw(host, path, 50);
					throw DISK_FULL;
				};
				const error = await assertFails("ERR_NO_SPACE", () => blob.resize(99));
				assert.equal(error.cause, DISK_FULL);
				assert.equal(blob.size, 5);
				assert.deepEqual(await readRaw(host, PATH), before);
				await blob.resize(9);
				await blob.sync();
				assert.equal(textOf(await blob.read(0, 9)), "hello\0\0\0\0");
			});
		},
	);

	onHost(
		"a sync that found the disk full has lost what it was to make durable, and refuses all mutations",
		async (host) => {
			const faulty = new InterceptedHost(host);
			await withStorage(faulty, async (storage) => {
				const blob = await storage.open("partition", "name");
				await blob.write(0, bytesOf("hello"));
				faulty.hooks.sync = () => {
					throw DISK_FULL;
				};
				await assertFails("ERR_BLOB_SYNC_FAILED", () => blob.sync());
				await assertFails("ERR_POISONED", () => blob.write(5, bytesOf("!")));
			});
		},
	);

	for (const name of ["EDQUOT", "QuotaExceededError"]) {
		onHost(
			`a platform that says ${name} has no room: a write is ERR_NO_SPACE, and goes on when there is`,
			async (host) => {
				const faulty = new InterceptedHost(host);
				await withStorage(faulty, async (storage) => {
					const blob = await storage.open("partition", "name");
					faulty.hooks.write = () => {
						// A browser's errors have names, and their codes are numbers.
						const called = name === "EDQUOT" ? { code: name } : { name };
						throw Object.assign(new Error("full"), { code: 22 }, called);
					};
					await assertFails("ERR_NO_SPACE", () => blob.write(0, bytesOf("a")));
					faulty.hooks = {};
					await blob.writeSync(0, bytesOf("a"));
					assert.equal(textOf(await blob.read(0, 1)), "a");
				});
			},
		);
	}

	onHost(
		"a write that found the disk full and cannot be undone refuses all mutations",
		async (host) => {
			const faulty = new InterceptedHost(host);
			await withStorage(faulty, async (storage) => {
				const blob = await storage.open("partition", "name");
				await blob.write(0, bytesOf("hello"));
				faulty.hooks = {
					write: () => {
						throw DISK_FULL;
					},
					sync: fail,
				};
				await assertFails("ERR_NO_SPACE", () =>
					blob.write(5, bytesOf(" world")),
				);
				await assertFails("ERR_POISONED", () => blob.sync());
			});
		},
	);
}
