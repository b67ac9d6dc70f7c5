import { constants } from "node:os";
import { afterEach, assert, test } from "vitest";
import {
	FEATURE_NODROP,
	FEATURE_RW_CUR_POS,
	FEATURE_SINGLE_MMAP,
	FSYNC_DATASYNC,
	OPCODE,
	RWF_DSYNC,
} from "../../hosts/io-uring/abi.ts";
import { HostRing } from "../../hosts/io-uring/host-ring.ts";
import type { RingFile } from "../../hosts/io-uring/ring-file.ts";
import { failureOf } from "../support/failure.ts";
import { type RingScratch, ringScratch } from "../support/ring-scratch.ts";
import { type Script, ScriptedKernel } from "../support/scripted-kernel.ts";

const { EAGAIN, EBADF, EBUSY, EINTR, EIO, ENOMEM, EPERM } = constants.errno;
const CAPACITY = 1 << 20;

let scratch: RingScratch | undefined;

afterEach(() => scratch?.delete());

async function opened(
	script: Script,
	alignment = 1,
): Promise<{ kernel: ScriptedKernel; file: RingFile; scratch: RingScratch }> {
	const kernel = new ScriptedKernel(script, CAPACITY);
	scratch = ringScratch(kernel);
	return { kernel, file: await scratch.open(alignment), scratch };
}

function filled(length: number, value: number): Uint8Array {
	return new Uint8Array(length).fill(value);
}

const refusals: readonly (readonly [what: string, script: Script])[] = [
	["refuses a ring", { setupError: EPERM }],
	[
		"may drop completions",
		{ features: FEATURE_SINGLE_MMAP | FEATURE_RW_CUR_POS },
	],
	[
		"is older than the operations",
		{ features: FEATURE_SINGLE_MMAP | FEATURE_NODROP },
	],
	["does not map it", { refusesMapping: true }],
];

test.each(refusals)(
	"there is no ring where the kernel %s, and it is asked once",
	async (_, script) => {
		const kernel = new ScriptedKernel(script);
		const ring = new HostRing("async", async () => kernel);
		const calls = { sync: () => undefined };
		assert.isUndefined(await ring.file(0, calls, 1));
		assert.isUndefined(await ring.file(0, calls, 1));
		assert.isFalse(ring.isGiven);
		assert.isAtMost(kernel.rings, 1);
		assert.equal(kernel.closed, kernel.rings);
	},
);

test("files of one store share a ring, which goes with the last of them", async () => {
	const { kernel, file, scratch } = await opened({});
	const other = await scratch.open();
	await file.close();
	await other.write([filled(4, 1)], 0);
	assert.deepEqual([kernel.rings, kernel.closed], [1, 0]);
	await other.close();
	assert.deepEqual([kernel.rings, kernel.closed, kernel.unmapped], [1, 1, 2]);
	await (await scratch.open()).close();
	assert.deepEqual([kernel.rings, kernel.closed], [2, 2]);
});

test("operations of one turn are handed over in one call, as many as the ring has entries, and those beyond as they complete", async () => {
	let most = 0;
	const { kernel, file } = await opened({
		next: (inFlight) => {
			most = Math.max(most, inFlight.length);
			return inFlight.at(-1);
		},
	});
	const writes = Array.from({ length: 1000 }, (_, index) =>
		file.write([filled(8, index)], index * 8),
	);
	await undefined;
	assert.equal(kernel.taken.length, 1000);
	assert.equal(most, 256);
	await Promise.all(writes);
	assert.isAtMost(kernel.enters, 5);
	assert.deepEqual(kernel.file.subarray(999 * 8, 1000 * 8), filled(8, 999));
	await file.close();
});

const moves = [
	["read", OPCODE.read, OPCODE.readFixed],
	["write", OPCODE.write, OPCODE.writeFixed],
] as const;

test.each(moves)(
	"a %s goes by fixed file, and by fixed memory where all of it was pinned",
	async (what, plain, fixed) => {
		const { kernel, file } = await opened({});
		const memory = filled(300, 1);
		assert.isTrue(await file.pin([memory.subarray(100, 200)]));
		const move = (bytes: Uint8Array) =>
			what === "read" ? file.read(bytes, 0) : file.write([bytes], 0);
		for (const start of [100, 110, 99]) {
			await move(memory.subarray(start, start + 90));
		}
		await move(memory.subarray(111, 201));
		assert.deepEqual(
			kernel.taken.map(({ opcode }) => opcode),
			[fixed, fixed, plain, plain],
		);
		assert.isTrue(kernel.taken.every(({ isFixedFile }) => isFixedFile));
		await file.close();
	},
);

test("where nothing can be registered the plain operations do, on descriptors", async () => {
	const { kernel, file } = await opened({ registerError: () => ENOMEM });
	const memory = filled(64, 3);
	assert.isFalse(await file.pin([memory]));
	await file.write([memory], 0);
	const [entry] = kernel.taken;
	assert.deepEqual([entry?.opcode, entry?.isFixedFile], [OPCODE.write, false]);
	await file.close();
});

test("files beyond those that the ring has places for go by their descriptors, and a place is used again", async () => {
	const { kernel, file, scratch } = await opened({});
	const others: RingFile[] = [];
	for (let count = 0; count < 64; count += 1) {
		others.push(await scratch.open());
	}
	await others.at(-1)?.sync();
	await others.at(-2)?.sync();
	await file.close();
	const late = await scratch.open();
	await late.sync();
	assert.deepEqual(
		kernel.taken.map(({ isFixedFile }) => isFixedFile),
		[false, true, true],
	);
	for (const other of [...others, late]) {
		await other.close();
	}
});

test("parts go in one vectored write, but each pinned one by itself, in the same call", async () => {
	const { kernel, file } = await opened({});
	const pinned = filled(20, 9);
	await file.pin([pinned]);
	const parts = [
		filled(3, 1),
		filled(0, 0),
		filled(4, 2),
		pinned,
		filled(5, 3),
	];
	await file.write(parts, 10);
	assert.deepEqual(
		kernel.taken.map(({ opcode, offset }) => [opcode, offset]),
		[
			[OPCODE.writev, 10],
			[OPCODE.writeFixed, 17],
			[OPCODE.write, 37],
		],
	);
	assert.equal(kernel.enters, 1);
	const found = Array.from(kernel.file.subarray(10, 42));
	assert.deepEqual(
		found,
		parts.flatMap((part) => Array.from(part)),
	);
	await file.close();
});

test("targets are filled in one vectored read, but each pinned one by itself, in the same call", async () => {
	const { kernel, file } = await opened({});
	const pinned = filled(20, 0);
	await file.pin([pinned]);
	kernel.file.set(Uint8Array.from({ length: 64 }, (_, index) => index));
	kernel.size = 64;
	const targets = [
		...[filled(3, 0), filled(0, 0), filled(4, 0)],
		...[pinned, filled(5, 0)],
	];
	assert.equal(await file.readParts(targets, 10), 32);
	assert.deepEqual(
		kernel.taken.map(({ opcode, offset }) => [opcode, offset]),
		[
			[OPCODE.readv, 10],
			[OPCODE.readFixed, 17],
			[OPCODE.read, 37],
		],
	);
	assert.equal(kernel.enters, 1);
	assert.deepEqual(
		targets.flatMap((target) => Array.from(target)),
		Array.from(kernel.file.subarray(10, 42)),
	);
	await file.close();
});

test.each([
	...["every transfer is short", "the file ends among them"],
] as const)("targets are filled in their order when %s", async (why) => {
	const isShort = why === "every transfer is short";
	const { kernel, file } = await opened({
		result: (_, length) => (isShort ? Math.min(length, 7) : length),
	});
	const pinned = filled(20, 0);
	await file.pin([pinned]);
	kernel.file.set(Uint8Array.from({ length: 64 }, (_, index) => index));
	kernel.size = isShort ? 64 : 30;
	const targets = [filled(10, 0), filled(15, 0), pinned, filled(9, 0)];
	const count = await file.readParts(targets, 2);
	assert.equal(count, isShort ? 54 : 28);
	assert.deepEqual(
		targets.flatMap((target) => Array.from(target)).slice(0, count),
		Array.from(kernel.file.subarray(2, 2 + count)),
	);
	await file.close();
});

test("a sync asks for the bytes alone, a synced write for its own, and a directory's sync for all", async () => {
	const { kernel, file, scratch } = await opened({});
	await file.sync();
	await file.writeSynced([filled(4, 1)], 0);
	await scratch.ring.syncDirectory(0);
	assert.deepEqual(
		kernel.taken.map(({ opcode, flags }) => [opcode, flags]),
		[
			[OPCODE.fsync, FSYNC_DATASYNC],
			[OPCODE.write, RWF_DSYNC],
			[OPCODE.fsync, 0],
		],
	);
	await file.close();
});

test("a transfer that comes up short goes on where it ended", async () => {
	const { kernel, file } = await opened({
		result: (_, length) => Math.min(length, 7),
	});
	const parts = [filled(10, 1), filled(15, 2)];
	await file.write(parts, 5);
	const target = filled(25, 0);
	assert.equal(await file.read(target, 5), 25);
	assert.deepEqual(target, kernel.file.subarray(5, 30));
	assert.deepEqual(
		Array.from(target),
		parts.flatMap((part) => Array.from(part)),
	);
	assert.equal(await file.read(target, 10), 20);
	assert.equal(await file.read(target, 30), 0);
	await file.close();
});

test("a write that takes no byte is an error, and so is one past the alignment", async () => {
	let result = 0;
	const { file } = await opened({ result: () => result }, 8);
	assert.match(
		String(await failureOf(() => file.write([filled(16, 1)], 0))),
		/took 0 bytes/,
	);
	result = 3;
	assert.match(
		String(await failureOf(() => file.write([filled(16, 1)], 0))),
		/took 3 bytes/,
	);
	await file.close();
});

test("a read of direct I/O ends where the file does, off a block", async () => {
	const { kernel, file } = await opened({}, 8);
	kernel.size = 13;
	assert.equal(await file.read(filled(24, 0), 8), 5);
	assert.equal(kernel.taken.length, 1);
	await file.close();
});

test.each(["EINTR", "EAGAIN", "EBUSY"] as const)(
	"a call of the ring that answers %s is made again",
	async (name) => {
		let left = 3;
		const { kernel, file } = await opened({
			enterError: () => (left-- > 0 ? constants.errno[name] : undefined),
		});
		await file.write([filled(4, 6)], 0);
		assert.equal(kernel.taken.length, 1);
		assert.deepEqual(kernel.file.subarray(0, 4), filled(4, 6));
		await file.close();
	},
);

test.each(["EINTR", "EAGAIN"] as const)(
	"an operation that completes with %s is handed over again",
	async (name) => {
		let left = 3;
		const { kernel, file } = await opened({
			result: (_, length) => (left-- > 0 ? -constants.errno[name] : length),
		});
		await file.write([filled(4, 6)], 0);
		assert.equal(kernel.taken.length, 4);
		await file.close();
	},
);

test("what completes while a thread is on its way to wait for it wakes it, whatever is handed over meanwhile", async () => {
	let isHeld = true;
	const { kernel, file } = await opened({
		next: ([first]) => (isHeld ? undefined : first),
	});
	const first = file.write([filled(4, 1)], 0);
	await undefined;
	isHeld = false;
	await Promise.all([first, file.write([filled(4, 2)], 4)]);
	await file.close();
	assert.equal(kernel.closed, 1);
});

test("without a thread to wait in, what is in flight is found completed all the same", async () => {
	let isHeld = true;
	const { kernel, file } = await opened({
		hasNoThread: () => {
			isHeld = false;
			kernel.enter(0, 0);
			return true;
		},
		next: ([first]) => (isHeld ? undefined : first),
	});
	await file.write([filled(4, 6)], 0);
	assert.deepEqual(kernel.file.subarray(0, 4), filled(4, 6));
	await file.close();
});

test("an operation's error is its own", async () => {
	const { file } = await opened({
		result: ({ offset }, length) => (offset === 8 ? -EIO : length),
	});
	const [first, second, third] = await Promise.allSettled(
		[0, 8, 16].map((offset) => file.write([filled(8, 1)], offset)),
	);
	assert.deepEqual(
		[first?.status, second?.status, third?.status],
		["fulfilled", "rejected", "fulfilled"],
	);
	assert.match(
		String(await failureOf(() => file.write([filled(8, 1)], 8))),
		/EIO/,
	);
	await file.close();
});

const strays: readonly (readonly [
	what: string,
	ticket: (known: readonly [number, number]) => [number, number],
])[] = [
	["completed before", (known) => [...known]],
	["never was", () => [9, 77]],
	["has no place", () => [100_000, 0]],
];

test.each(strays)(
	"a completion of what %s breaks the ring, and what is in flight is given back when it has completed",
	async (_, ticket) => {
		let isHeld = false;
		const { kernel, file } = await opened({
			next: ([first]) => (isHeld ? undefined : first),
		});
		await file.write([filled(4, 1)], 0);
		isHeld = true;
		let isSettled = false;
		const held = file.write([filled(4, 2)], 4).finally(() => {
			isSettled = true;
		});
		const ended = failureOf(() => held);
		await undefined;
		kernel.post(ticket(kernel.taken[0]?.ticket ?? [0, 0]), 4);
		await new Promise((resolve) => setTimeout(resolve, 10));
		await assertBroken(() => file.write([filled(4, 3)], 8));
		assert.isFalse(isSettled);
		isHeld = false;
		kernel.enter(0, 0);
		assert.match(String(await ended), /not in flight/);
		await assertBroken(() => file.sync());
		assert.equal(kernel.taken.length, 2);
		await file.close();
	},
);

test("a ring that can no longer be entered takes nothing, and gives back what the kernel never took", async () => {
	const { kernel, file } = await opened({ enterError: () => EBADF });
	const failures = await Promise.all(
		[0, 8].map((at) => failureOf(() => file.write([filled(8, 1)], at))),
	);
	assert.isTrue(failures.every((error) => /EBADF/.test(String(error))));
	assert.equal(kernel.taken.length, 0);
	await file.close();
	assert.equal(kernel.closed, 1);
});

test("closing waits for what is in flight", async () => {
	let isHeld = true;
	const { kernel, file } = await opened({
		next: ([first]) => (isHeld ? undefined : first),
	});
	const order: string[] = [];
	const write = file.write([filled(8, 5)], 0).then(() => order.push("written"));
	await undefined;
	const closed = file.close().then(() => order.push("closed"));
	await new Promise((resolve) => setTimeout(resolve, 10));
	assert.deepEqual([order, kernel.closed], [[], 0]);
	isHeld = false;
	await Promise.all([write, closed]);
	assert.deepEqual([order, kernel.closed], [["written", "closed"], 1]);
});

test("in its blocking form a ring has completed a turn's operations when the turn ends, whatever it must retry", async () => {
	let enters = 0;
	const kernel = new ScriptedKernel(
		{
			enterError: () => {
				enters += 1;
				return enters % 3 === 1 ? EAGAIN : enters % 3 === 2 ? EBUSY : undefined;
			},
			takes: (handed) => Math.ceil(handed / 2),
			result: (_, length) => (enters === 3 ? -EINTR : length),
		},
		CAPACITY,
	);
	scratch = ringScratch(kernel, "blocking");
	const file = await scratch.open();
	let isNextTurn = false;
	setImmediate(() => {
		isNextTurn = true;
	});
	await Promise.all(
		Array.from({ length: 600 }, (_, index) =>
			file.write([filled(8, index)], index * 8),
		),
	);
	assert.isFalse(isNextTurn);
	assert.deepEqual(kernel.file.subarray(599 * 8, 600 * 8), filled(8, 599));
	await file.close();
});

async function assertBroken(call: () => Promise<unknown>): Promise<void> {
	assert.match(String(await failureOf(call)), /not in flight/);
}
