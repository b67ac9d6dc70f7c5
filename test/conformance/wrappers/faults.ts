import { assert } from "chai";
import { AuditedHost } from "../../../src/host/audited.ts";
import {
	DelegatingFile,
	DelegatingHost,
} from "../../../src/host/delegating.ts";
import { type FaultRates, FaultyHost } from "../../../src/host/faulty.ts";
import {
	type Host,
	type HostFile,
	type HostOpenOptions,
	type OpenMode,
	PLAIN_FILE,
} from "../../../src/host/host.ts";
import type { Awaitable } from "../../../src/turns/awaitable.ts";
import { CrashLog } from "../../support/disks/crash-log.ts";
import {
	bytesIn,
	opened,
	readRaw,
	writeRaw,
} from "../../support/hosts/raw-file.ts";
import { assertSame, joined, pattern } from "../../support/runs/bytes.ts";
import { assertRefuses, failureOf } from "../../support/runs/failure.ts";
import { hostTest, type Suite } from "../../support/runs/suite.ts";

const PATH = "file";
const SEED = 7;
const RATES = [
	...["open", "read", "write", "partialWrite", "sync", "resize"],
	...["partialResize", "remove", "scan"],
];
const ALL: FaultRates = Object.fromEntries(RATES.map((rate) => [rate, 1]));
const NONE: FaultRates = Object.fromEntries(RATES.map((rate) => [rate, 0]));

type Call = (host: Host, file: HostFile) => Awaitable<unknown>;

/** The calls that a rate fails. */
const CALLS: readonly (readonly [keyof FaultRates, Call])[] = [
	["open", (host) => host.open(PATH, "read")],
	["read", (_, file) => file.read([new Uint8Array(1)], 0)],
	["write", (_, file) => file.write([pattern(4)], 0)],
	["sync", (_, file) => file.sync()],
	["resize", (_, file) => file.truncate(20)],
	["remove", (host) => host.remove("removed")],
	["scan", (host) => host.list("")],
];

export function faultRows(suite: Suite): void {
	rateRows(suite);
	tornWriteRows(suite);
	tornResizeRows(suite);
	drawingRows(suite);
	refusalRows(suite);
}

function rateRows(suite: Suite): void {
	const test = hostTest(suite);

	for (const [rate, call] of CALLS) {
		test(`the rate of ${rate} makes that fail before the host is asked, and nothing else`, async (host) => {
			await writeRaw(host, PATH, pattern(10));
			const audited = new AuditedHost(host);
			const faulty = new FaultyHost(audited, SEED);
			const file = await opened(faulty, PATH, "write");
			faulty.rates = { [rate]: 1 };
			const asked = await audited.digest();
			await assertFault(() => call(faulty, file));
			assert.equal(await audited.digest(), asked);
			for (const [other, otherCall] of CALLS) {
				if (other !== rate) {
					await otherCall(faulty, file);
				}
			}
			await file.close();
		});
	}

	test("how much of a failure is torn makes nothing fail", async (host) => {
		await writeRaw(host, PATH, pattern(10));
		const faulty = new FaultyHost(host, SEED, {
			partialWrite: 1,
			partialResize: 1,
		});
		const file = await opened(faulty, PATH, "write");
		for (const [, call] of CALLS) {
			await call(faulty, file);
		}
		await file.close();
	});

	test("making directories, renaming, making names durable and locking never fail", async (host) => {
		await writeRaw(host, PATH, pattern(10));
		const faulty = new FaultyHost(host, SEED, ALL);
		assert.isTrue(await faulty.makeDirectory("directory"));
		await faulty.rename(PATH, "directory/file");
		await faulty.syncDirectory("directory");
		const lock = await faulty.lock();
		assert.isDefined(lock);
		await lock?.release();
		assertSame(await readRaw(host, "directory/file"), pattern(10));
	});

	test("rates hold from the next call on, of files that are open too", async (host) => {
		await host.makeDirectory("");
		const faulty = new FaultyHost(host, SEED);
		const file = await opened(faulty, PATH, "replace");
		await file.sync();
		faulty.rates = { sync: 1 };
		await assertFault(() => file.sync());
		faulty.rates = { read: 1 };
		await file.sync();
		assert.include(faulty.rates, { read: 1, sync: 0, scan: 0 });
		await file.close();
	});
}

function tornWriteRows(suite: Suite): void {
	const test = hostTest(suite);
	const rates = { write: 1, partialWrite: 1 };

	test("a torn write leaves its first bytes, any number but none and all, and syncs them", async (host) => {
		await host.makeDirectory("");
		const log = new CrashLog(host);
		const faulty = new FaultyHost(log, SEED, rates);
		const parts = [pattern(2), pattern(1, 2), pattern(2, 3)];
		const lengths = new Set<number>();
		for (let turn = 0; turn < 60; turn += 1) {
			const file = await opened(faulty, PATH, "replace");
			log.steps.length = 0;
			await assertFault(() => file.write(parts, 3));
			const kinds = log.steps.map(({ kind }) => kind);
			assert.deepEqual(kinds, ["write", "sync"]);
			const found = await bytesIn(file);
			const torn = found.length - 3;
			assertSame(found, joined(new Uint8Array(3), pattern(torn)));
			lengths.add(torn);
			await file.close();
		}
		assert.sameMembers([...lengths], [1, 2, 3, 4]);
	});

	test("a write of one byte or none is not torn, and leaves nothing", async (host) => {
		await host.makeDirectory("");
		const log = new CrashLog(host);
		const faulty = new FaultyHost(log, SEED, rates);
		const file = await opened(faulty, PATH, "replace");
		log.steps.length = 0;
		await assertFault(() => file.write([pattern(1)], 0));
		await assertFault(() => file.write([], 0));
		assert.isEmpty(log.steps);
		assert.equal(await file.size(), 0);
		await file.close();
	});

	test("a write that fails and is not torn leaves nothing", async (host) => {
		await writeRaw(host, PATH, pattern(10));
		const faulty = new FaultyHost(host, SEED, { write: 1 });
		const file = await opened(faulty, PATH, "write");
		await assertFault(() => file.write([pattern(10, 5)], 5));
		await file.close();
		assertSame(await readRaw(host, PATH), pattern(10));
	});

	test("a torn write keeps to what its file is aligned to", async (host) => {
		await host.makeDirectory("");
		const faulty = new FaultyHost(new AlignedHost(host), SEED, rates);
		const sizes = new Set<number>();
		for (let turn = 0; turn < 60; turn += 1) {
			const file = await opened(faulty, PATH, "replace");
			await assertFault(() => file.write([pattern(2048)], 0));
			sizes.add(await file.size());
			await assertFault(() => file.write([pattern(512)], 4096));
			assert.isBelow(await file.size(), 2048);
			await file.close();
		}
		assert.sameMembers([...sizes], [512, 1024, 1536]);
	});
}

function tornResizeRows(suite: Suite): void {
	const test = hostTest(suite);
	const rates = { resize: 1, partialResize: 1 };

	for (const [what, target, sizes] of [
		["cut", 6, [7, 8, 9]],
		["extension", 14, [11, 12, 13]],
	] as const) {
		test(`a torn ${what} leaves a size strictly between the old and the new, and syncs it`, async (host) => {
			await writeRaw(host, PATH, pattern(10));
			const log = new CrashLog(host);
			const faulty = new FaultyHost(log, SEED);
			const file = await opened(faulty, PATH, "write");
			const found = new Set<number>();
			for (let turn = 0; turn < 60; turn += 1) {
				await file.truncate(10);
				faulty.rates = rates;
				log.steps.length = 0;
				await assertFault(() => file.truncate(target));
				faulty.rates = {};
				const kinds = log.steps.map(({ kind }) => kind);
				assert.deepEqual(kinds, ["truncate", "sync"]);
				found.add(await file.size());
			}
			await file.close();
			assert.sameMembers([...found], [...sizes]);
		});
	}

	test("a resize by less than two bytes is not torn, and one that is not torn changes nothing", async (host) => {
		await writeRaw(host, PATH, pattern(10));
		const log = new CrashLog(host);
		const faulty = new FaultyHost(log, SEED, rates);
		const file = await opened(faulty, PATH, "write");
		log.steps.length = 0;
		for (const size of [9, 10, 11]) {
			await assertFault(() => file.truncate(size));
		}
		faulty.rates = { resize: 1 };
		await assertFault(() => file.truncate(0));
		assert.isEmpty(log.steps);
		await file.close();
		assertSame(await readRaw(host, PATH), pattern(10));
	});

	test("a torn resize starts from the size that writes, resizes and what was torn of them have left", async (host) => {
		await writeRaw(host, PATH, pattern(8));
		const faulty = new FaultyHost(host, SEED);
		const file = await opened(faulty, PATH, "write");
		const tear = async (call: () => Awaitable<void>) => {
			faulty.rates = { ...rates, write: 1, partialWrite: 1 };
			await assertFault(call);
			faulty.rates = {};
		};
		const assertBetween = async (size: number) => {
			await tear(() => file.truncate(size + 1));
			assert.equal(await file.size(), size);
		};
		await assertBetween(9);
		await file.write([pattern(10)], 10);
		await assertBetween(21);
		await file.write([pattern(5)], 0);
		await file.write([], 50);
		await assertBetween(22);
		await tear(() => file.write([pattern(2)], 30));
		await assertBetween(32);
		await file.truncate(5);
		await assertBetween(6);
		await file.close();
		const replaced = await opened(faulty, PATH, "replace");
		await tear(() => replaced.truncate(2));
		assert.equal(await replaced.size(), 1);
		await replaced.close();
	});
}

function drawingRows(suite: Suite): void {
	const test = hostTest(suite);

	test("a seed gives the same faults each time, and another seed gives others", async (host) => {
		await writeRaw(host, PATH, pattern(10));
		const faults = await faultsOf(host, SEED, 64);
		assert.equal(await faultsOf(host, SEED, 64), faults);
		assert.notEqual(await faultsOf(host, SEED + 1, 64), faults);
	});

	test("a rate of 0 or 1 draws nothing", async (host) => {
		await writeRaw(host, PATH, pattern(10));
		const certain = async (faulty: FaultyHost, file: HostFile) => {
			faulty.rates = { write: 1, resize: 1 };
			await assertFault(() => file.write([pattern(10)], 0));
			await assertFault(() => file.truncate(0));
			await file.read([new Uint8Array(1)], 0);
			await file.sync();
			faulty.rates = { sync: 1 };
			await assertFault(() => file.sync());
		};
		assert.equal(
			await faultsOf(host, SEED, 64, certain),
			await faultsOf(host, SEED, 64),
		);
	});

	test("a rate is the share of the calls that fail", async (host) => {
		await writeRaw(host, PATH, pattern(10));
		const faults = await faultsOf(host, SEED, 2000, undefined, 0.25);
		const count = faults.replaceAll(".", "").length;
		assert.isAtLeast(count, 420);
		assert.isAtMost(count, 580);
	});

	test("what fails is drawn in the order of the calls, whichever is answered first", async (host) => {
		await writeRaw(host, PATH, pattern(10));
		const expected = await faultsOf(host, SEED, 64);
		const faulty = new FaultyHost(host, SEED);
		const file = await opened(faulty, PATH, "read");
		faulty.rates = { read: 0.5 };
		const calls = Array.from({ length: 64 }, () => resultOf(file));
		assert.equal((await Promise.all(calls)).join(""), expected);
		await file.close();
	});
}

function refusalRows(suite: Suite): void {
	const test = hostTest(suite);

	test("what is no probability or no rate is refused, and the rates stay as they were", async (host) => {
		const faulty = new FaultyHost(host, SEED, { sync: 0.5 });
		for (const [kind, rates] of [
			[RangeError, { sync: -0.1 }],
			[RangeError, { sync: 1.1 }],
			[RangeError, { read: 1, sync: Number.NaN }],
			[TypeError, { sync: "1" }],
			[TypeError, { writes: 1 }],
			[TypeError, null],
		] as const) {
			await assertRefuses(kind, () => Reflect.set(faulty, "rates", rates));
			assert.deepEqual(faulty.rates, { ...NONE, sync: 0.5 });
			await assertRefuses(kind, () =>
				Reflect.construct(FaultyHost, [host, SEED, rates]),
			);
		}
		faulty.rates = { sync: 0, read: 1 };
		assert.deepEqual(faulty.rates, { ...NONE, read: 1 });
	});

	test("a seed that is no whole number of 32 bits is refused", async (host) => {
		for (const seed of [-1, 0.5, 2 ** 32, Number.NaN, "1", undefined]) {
			await assertRefuses(RangeError, () =>
				Reflect.construct(FaultyHost, [host, seed]),
			);
		}
		assert.equal(new FaultyHost(host, 2 ** 32 - 1).seed, 2 ** 32 - 1);
	});
}

/** A file whose offsets and sizes are multiples of a sector. */
class AlignedFile extends DelegatingFile {
	override readonly traits = { ...PLAIN_FILE, alignment: 512 };
}

class AlignedHost extends DelegatingHost {
	override async open(
		path: string,
		mode: OpenMode,
		options?: HostOpenOptions,
	): Promise<HostFile | undefined> {
		const file = await super.open(path, mode, options);
		return file && new AlignedFile(file);
	}
}

async function assertFault(call: () => Awaitable<unknown>): Promise<void> {
	assertInjected(await failureOf(call));
}

function assertInjected(error: unknown): void {
	assert.instanceOf(error, Error);
	assert.equal(error.message, "injected storage fault");
	assert.propertyVal(error, "code", "EIO");
}

/** Which of so many reads fail, with another call before each: 'x' for a failure, '.' for none. */
async function faultsOf(
	host: Host,
	seed: number,
	count: number,
	before: (faulty: FaultyHost, file: HostFile) => Awaitable<void> = () =>
		undefined,
	rate = 0.5,
): Promise<string> {
	const faulty = new FaultyHost(host, seed);
	const file = await opened(faulty, PATH, "write");
	let faults = "";
	for (let index = 0; index < count; index += 1) {
		await before(faulty, file);
		faulty.rates = { read: rate };
		faults += await resultOf(file);
	}
	await file.close();
	return faults;
}

async function resultOf(file: HostFile): Promise<string> {
	try {
		await file.read([new Uint8Array(1)], 0);
		return ".";
	} catch (error) {
		assertInjected(error);
		return "x";
	}
}
