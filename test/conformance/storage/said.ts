import { assert } from "chai";
import { isStorageError, StorageError } from "../../../src/errors.ts";
import type { Host } from "../../../src/host/host.ts";
import { PackedStore } from "../../../src/packed/packed-store.ts";
import { Storage } from "../../../src/storage/storage.ts";
import {
	InterceptedHost,
	type Interceptor,
} from "../../support/hosts/intercepted-host.ts";
import { assertFails, KERNEL_ERROR } from "../../support/runs/failure.ts";
import { hostTest, MEMORY, type Suite } from "../../support/runs/suite.ts";
import {
	HANDLE,
	OWNED,
	OWNED_KINDS,
	type OwnedKind,
} from "../../support/stores/owned-kinds.ts";
import { guidOf } from "../../support/stores/packed-files.ts";
import { frameOf, SMALL } from "../../support/stores/packed-store.ts";

/** In Deno's form: only the words tell the code. */
const WORDS = "too many open files (os error 24)";
const FAILURE = Object.assign(new Error(WORDS), { code: "EMFILE" });

const CALLS: readonly (keyof Interceptor)[] = [
	...(["open", "list", "makeDirectory", "remove", "rename"] as const),
	...(["syncDirectory", "read", "write", "truncate", "sync"] as const),
];
/** Calls of a kind that succeed before one fails. */
const BEFORE = [0, 1, 2, 4, 8];

/** The texts of errors, for readers and for logs. */
export function saidRows(suite: Suite): void {
	const test = hostTest(suite);

	for (const kind of [HANDLE, ...OWNED_KINDS]) {
		test(`whichever call fails of a store with ${kind.what}, the message has the platform's code and words`, (host) =>
			assertSaid(host, (faulty, told) => useStore(faulty, kind, told)));
	}

	test("whichever call fails of a packed store, the message has the platform's code and words", (host) =>
		assertSaid(host, usePacked));

	test("an error's JSON has its cause by name, code and message", async (host) => {
		const faulty = new InterceptedHost(host);
		const storage = await Storage.open(faulty, { memory: MEMORY });
		try {
			const blob = await storage.open("raw", "name");
			faulty.hooks.sync = () => {
				throw KERNEL_ERROR;
			};
			await blob.write(0, Uint8Array.of(1));
			await assertFails("ERR_BLOB_SYNC_FAILED", () => blob.sync());
			const error = await assertFails("ERR_POISONED", () => blob.sync());
			const { cause, ...said } = JSON.parse(JSON.stringify(error));
			const { name, code, message, place } = error;
			assert.deepEqual(said, { name, code, message, place });
			const { message: text } = KERNEL_ERROR;
			assert.deepEqual(cause, { name: "Error", code: "EIO", message: text });
		} finally {
			await storage.drop();
		}
	});

	test("an error whose cause has the error itself among its own is JSON all the same", async () => {
		const own = new AggregateError([], "united");
		own.errors.push(own, new Error("other"));
		const error = new StorageError("ERR_IO", "failed", {}, own);
		own.errors.push(error);
		const { cause } = JSON.parse(JSON.stringify(error));
		assert.equal(cause.errors[0].message, "united");
		assert.deepEqual(cause.errors[1], { name: "Error", message: "other" });
		assert.equal(cause.errors[2].code, "ERR_IO");
	});

	test("a message says its cause once, by its name where the words lack that", async () => {
		const cause = new DOMException("no more", "QuotaExceededError");
		const error = new StorageError("ERR_IO", "failed", {}, cause);
		assert.equal(error.message, "failed: QuotaExceededError: no more");
		const again = new StorageError("ERR_IO", error.message, {}, cause);
		assert.equal(again.message, error.message);
		const plain = new StorageError("ERR_IO", "failed", {}, new Error("so"));
		assert.equal(plain.message, "failed: so");
		const wordless = new StorageError("ERR_IO", "failed", {}, { code: "EIO" });
		assert.include(wordless.message, "EIO");
	});
}

/**
 * Runs a step. When it fails, the errors with the platform's failure as their cause are recorded.
 */
type Told = <T>(step: () => Promise<T>) => Promise<T | undefined>;

async function assertSaid(
	host: Host,
	use: (faulty: InterceptedHost, told: Told) => Promise<void>,
): Promise<void> {
	const silent = new Set(CALLS);
	for (const call of CALLS) {
		for (const before of BEFORE) {
			const faulty = new InterceptedHost(host, failingAfter(call, before));
			await use(faulty, async (step) => {
				try {
					return await step();
				} catch (error) {
					assert.isTrue(isStorageError(error), String(error));
					assertTells(error, `${call} ${before}`);
					silent.delete(call);
					return undefined;
				}
			});
			await host.remove("");
		}
	}
	assert.notInclude([...silent], "sync");
	assert.notInclude([...silent], "open");
}

/** Fails a call of the kind, and all after it. */
function failingAfter(call: keyof Interceptor, before: number): Interceptor {
	let left = before;
	return {
		[call]: (...given: readonly unknown[]) => {
			const make = given[given.length - 1];
			left -= 1;
			if (left >= 0 && typeof make === "function") {
				return make();
			}
			throw FAILURE;
		},
	};
}

function assertTells(error: unknown, where: string): void {
	for (let at = error; at instanceof Error && at !== FAILURE; at = at.cause) {
		if (at.cause !== undefined) {
			assert.include(at.message, WORDS, where);
			assert.include(at.message, "EMFILE", where);
		}
	}
}

async function useStore(
	faulty: InterceptedHost,
	kind: OwnedKind,
	told: Told,
): Promise<void> {
	const open = () => Storage.open(faulty, { memory: MEMORY });
	for (const _ of ["made", "found"]) {
		const storage = await told(open);
		if (storage === undefined) {
			return;
		}
		const owned = await told(() => kind.open(storage));
		await told(async () => owned?.append());
		await told(async () => owned?.sync());
		await told(async () => owned?.sync());
		await told(async () => owned?.size());
		await told(async () => owned?.close());
		await told(() => storage.scan(OWNED));
		await told(() => storage.remove(OWNED));
		await told(() => storage.close());
		await told(() => storage.drop());
	}
}

async function usePacked(faulty: InterceptedHost, told: Told): Promise<void> {
	for (const _ of ["made", "found"]) {
		const store = await told(() => PackedStore.open(faulty, SMALL));
		if (store === undefined) {
			return;
		}
		await told(() => store.write(guidOf(1), frameOf(1)));
		await told(() => store.flush());
		await told(() => store.flush());
		await told(() => store.read(guidOf(1), frameOf(0)));
		await told(() => store.close());
		await told(() => store.drop());
	}
}
