import { assert } from "chai";
import { failure } from "../../../src/host/answers.ts";
import type { Host } from "../../../src/host/host.ts";
import type { PackedStoreOptions } from "../../../src/packed/options.ts";
import { PackedStore } from "../../../src/packed/packed-store.ts";
import { InterceptedHost } from "../../support/hosts/intercepted-host.ts";
import { namesIn } from "../../support/hosts/raw-file.ts";
import { assertFails, assertRefuses } from "../../support/runs/failure.ts";
import { hostTest, type Suite } from "../../support/runs/suite.ts";
import { FRAMES_PATH, guidOf } from "../../support/stores/packed-files.ts";
import {
	frameOf,
	SMALL,
	withPacked,
} from "../../support/stores/packed-store.ts";

const NOT_DIRECT = failure("EINVAL", "no O_DIRECT");

export function openingRows(suite: Suite): void {
	directRows(suite);
	optionRows(suite);
}

function directRows(suite: Suite): void {
	const test = hostTest(suite);

	test("direct I/O that is required and refused is an error, after which the store is let go", async (host) => {
		const refusing = refusingDirect(host, NOT_DIRECT);
		const error = await assertFails("ERR_DIRECT_IO", () =>
			PackedStore.open(refusing, { ...SMALL, directIO: "required" }),
		);
		assert.equal(error.cause, NOT_DIRECT);
		await withPacked(host, {}, async () => undefined);
	});

	for (const code of ["ENOTSUP", "EOPNOTSUPP"]) {
		test(`direct I/O that is preferred and answered with ${code} is done without`, async (host) => {
			const refusing = refusingDirect(host, failure(code, "no O_DIRECT"));
			await withPacked(refusing, { directIO: "preferred" }, async (store) => {
				assert.isFalse(store.capabilities.directIO);
			});
		});
	}

	for (const directIO of ["preferred", "required"] as const) {
		for (const code of ["EIO", "EMFILE", "EACCES", "ENOSPC", undefined]) {
			test(`a direct open that fails with ${code ?? "a bug of the host"} fails the open where direct I/O is ${directIO}, and no other is tried`, async (host) => {
				const failed =
					code === undefined ? new Error("a bug") : failure(code, "");
				const refusing = refusingDirect(host, failed);
				const expected = code === "ENOSPC" ? "ERR_NO_SPACE" : "ERR_IO";
				const error = await assertFails(expected, () =>
					PackedStore.open(refusing, { ...SMALL, directIO }),
				);
				assert.equal(error.cause, failed);
				assert.notInclude(await namesIn(host), FRAMES_PATH);
				await withPacked(host, {}, async () => undefined);
			});
		}
	}

	test("direct I/O that is preferred and refused is done without, and the store says so", async (host) => {
		const refusing = refusingDirect(host, NOT_DIRECT);
		const directIO = "preferred";
		await withPacked(refusing, { directIO }, async (store) => {
			assert.isFalse(store.capabilities.directIO);
			await store.write(guidOf(1), frameOf(1));
			await store.flush();
		});
		await withPacked(host, {}, async (store) => {
			assert.isTrue(store.has(guidOf(1)));
		});
	});

	test("without direct I/O no file is opened for it", async (host) => {
		const intercepted = new InterceptedHost(host, {
			open: (_path, _mode, call, options) => {
				assert.isNotTrue(options?.direct);
				return call();
			},
		});
		await withPacked(intercepted, { directIO: "off" }, async (store) => {
			assert.isFalse(store.capabilities.directIO);
			await store.write(guidOf(1), frameOf(1));
		});
	});

	test("by default a store asks for direct I/O where its host has it", async (host) => {
		const asked: boolean[] = [];
		const intercepted = new InterceptedHost(host, {
			open: (path, _mode, call, options) => {
				if (path === FRAMES_PATH) {
					asked.push(options?.direct ?? false);
				}
				return call();
			},
		});
		await PackedStore.open(intercepted, { frames: 1 }).then(
			(store) => store.drop(),
			(error) => assert.equal(error.code, "ERR_DIRECT_IO"),
		);
		assert.deepEqual(asked, [host.capabilities.directIO]);
	});

	test("a store says whether there is room on the disk for what its file grew by", async (host) => {
		for (const isAllocated of [true, false]) {
			const intercepted = new InterceptedHost(host, {
				allocate: async (_path, _size, call) => {
					await call();
					return isAllocated;
				},
			});
			await withPacked(intercepted, {}, async (store) => {
				const own = [10, 11, 12, 13, 14, 15, 16, 17, 18];
				const frame = frameOf(1);
				await store.writeMany(
					own.map((guid) => [guidOf(guid), frame] as const),
				);
				assert.equal(store.capabilities.allocatesRoom, isAllocated);
				await store.flush();
			});
		}
	});
}

function optionRows(suite: Suite): void {
	const test = hostTest(suite);
	const refused: readonly (readonly [
		typeof TypeError,
		Record<string, unknown>,
	])[] = [
		...[true, "always", null].map(
			(directIO) => [TypeError, { directIO }] as const,
		),
		[TypeError, { wait: "long" }],
		[RangeError, { wait: -1 }],
		...[0, -1, 1.5, "2", Number.NaN].map(
			(frames) => [RangeError, { frames }] as const,
		),
		...[0, 0.5, "large"].map((memory) => [RangeError, { memory }] as const),
		[TypeError, { rewrite: "append" }],
		[TypeError, { verdicts: "holt" }],
		[TypeError, { checksums: "yes" }],
	];

	test("options that are none are refused before any I/O", async (host) => {
		for (const [kind, option] of refused) {
			const options: PackedStoreOptions = { ...SMALL, ...option };
			await assertRefuses(kind, () => PackedStore.open(host, options));
		}
		assert.deepEqual(await namesIn(host), []);
	});
}

/** Like a host over a file system that refuses direct I/O with this error. */
function refusingDirect(host: Host, error: Error): InterceptedHost {
	const refusing = new InterceptedHost(host);
	refusing.hooks.open = (_path, _mode, call, options) => {
		if (options?.direct) {
			throw error;
		}
		return call();
	};
	return refusing;
}
