import { constants } from "node:os";
import { assert, test } from "vitest";
import {
	FEATURE_NODROP,
	FEATURE_RW_CUR_POS,
	FEATURE_SINGLE_MMAP,
} from "../../hosts/node/io-uring/abi.ts";
import { HostRing } from "../../hosts/node/io-uring/host-ring.ts";
import { Ring } from "../../hosts/node/io-uring/io-uring.ts";
import {
	type Script,
	ScriptedKernel,
} from "../support/kernels/scripted-kernel.ts";
import { filled, scriptedRing } from "../support/kernels/scripted-ring.ts";
import { failureOf } from "../support/runs/failure.ts";

const { EAGAIN, EBADF, EBUSY, EINTR, EIO, EPERM } = constants.errno;

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

test("what fails before there is a ring holds none, and the next call asks again", async () => {
	const kernel = new ScriptedKernel({});
	const sources = [
		Promise.reject(new Error("not now")),
		Promise.resolve(kernel),
	];
	const ring = new HostRing("async", async () => sources.shift());
	assert.propertyVal(await failureOf(() => ring.keep()), "message", "not now");
	const letGo = await ring.keep();
	assert.deepEqual([kernel.rings, kernel.closed], [1, 0]);
	await letGo();
	assert.deepEqual([kernel.rings, kernel.closed], [1, 1]);
});

test("files of one store share a ring, which goes with the last of them", async () => {
	const { kernel, file, scratch } = await scriptedRing({});
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
	const { kernel, file } = await scriptedRing({
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

test.each(["EINTR", "EAGAIN", "EBUSY"] as const)(
	"a call of the ring that answers %s is made again",
	async (name) => {
		let left = 3;
		const { kernel, file } = await scriptedRing({
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
		const { kernel, file } = await scriptedRing({
			result: (_, length) => (left-- > 0 ? -constants.errno[name] : length),
		});
		await file.write([filled(4, 6)], 0);
		assert.equal(kernel.taken.length, 4);
		await file.close();
	},
);

test("what completes while a thread is on its way to wait for it wakes it, whatever is handed over meanwhile", async () => {
	let isHeld = true;
	const { kernel, file } = await scriptedRing({
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
	const { kernel, file } = await scriptedRing({
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
	const { file } = await scriptedRing({
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
		const { kernel, file } = await scriptedRing({
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

test("in its blocking form a broken ring gives back what is in flight when that has completed", async () => {
	let isHeld = true;
	const { kernel, file } = await scriptedRing(
		{
			takes: (handed) => {
				kernel.post([9, 77], 4);
				return handed;
			},
			next: ([first]) => (isHeld ? undefined : first),
		},
		{ wait: "blocking" },
	);
	let isSettled = false;
	const held = failureOf(() => file.write([filled(4, 1)], 0)).finally(() => {
		isSettled = true;
	});
	await new Promise((resolve) => setTimeout(resolve, 10));
	assert.isFalse(isSettled);
	isHeld = false;
	kernel.enter(0, 0);
	assert.match(String(await held), /not in flight/);
	await file.close();
});

test("a ring that can no longer be entered takes nothing, and gives back what the kernel never took", async () => {
	const { kernel, file } = await scriptedRing({ enterError: () => EBADF });
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
	const { kernel, file } = await scriptedRing({
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
	const script = {
		enterError: () => {
			enters += 1;
			return enters % 3 === 1 ? EAGAIN : enters % 3 === 2 ? EBUSY : undefined;
		},
		takes: (handed: number) => Math.ceil(handed / 2),
		result: (_: unknown, length: number) => (enters === 3 ? -EINTR : length),
	};
	const { kernel, file } = await scriptedRing(script, { wait: "blocking" });
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

test("a ring ends what was submitted before its close, is closed once, and looks at nothing that it had mapped after that", async () => {
	const kernel = new ScriptedKernel({});
	const ring = Ring.open(kernel, "async");
	assert.isDefined(ring);
	const target = { fd: 0, index: undefined };
	const synced = ring.sync(target, 0);
	const closes = [ring.close(), ring.close()];
	const late = failureOf(() => ring.sync(target, 0));
	assert.propertyVal(await late, "code", "EBADF");
	await Promise.all([synced, ...closes]);
	const { enters } = kernel;
	await ring.close();
	assert.deepEqual([kernel.unmapped, kernel.closed], [2, 1]);
	const later = failureOf(() => ring.sync(target, 0));
	assert.propertyVal(await later, "code", "EBADF");
	await new Promise((resolve) => setTimeout(resolve, 10));
	assert.equal(kernel.enters, enters);
});

test("who keeps a ring lets it go once, however often", async () => {
	const kernel = new ScriptedKernel({});
	const ring = new HostRing("async", async () => kernel);
	const [letGo, other] = [await ring.keep(), await ring.keep()];
	await Promise.all([letGo(), letGo()]);
	assert.equal(kernel.closed, 0);
	await other();
	await other();
	assert.equal(kernel.closed, 1);
});
