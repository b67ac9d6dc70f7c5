import { constants } from "node:os";
import { assert, test } from "vitest";
import {
	FSYNC_DATASYNC,
	OPCODE,
	REGISTER,
	RWF_DSYNC,
} from "../../hosts/node/io-uring/abi.ts";
import type { RingFile } from "../../hosts/node/io-uring/ring-file.ts";
import type { Script } from "../support/kernels/scripted-kernel.ts";
import { filled, scriptedRing } from "../support/kernels/scripted-ring.ts";
import { failureOf } from "../support/runs/failure.ts";

const { ENOMEM } = constants.errno;

const moves = [
	["read", OPCODE.read, OPCODE.readFixed],
	["write", OPCODE.write, OPCODE.writeFixed],
] as const;

test.each(moves)(
	"a %s goes by fixed file, and by fixed memory where all of it was pinned",
	async (what, plain, fixed) => {
		const { kernel, file } = await scriptedRing({});
		const memory = filled(300, 1);
		assert.isTrue(await file.pin([memory.subarray(100, 200)]));
		const move = (bytes: Uint8Array) =>
			what === "read" ? file.read([bytes], 0) : file.write([bytes], 0);
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

test("16 MiB are pinned at most, those in front", async () => {
	const { kernel, file } = await scriptedRing({});
	const frame = 512 * 1024;
	const memory = new Uint8Array(34 * frame);
	const frames = Array.from({ length: 34 }, (_, index) =>
		memory.subarray(index * frame, (index + 1) * frame),
	);
	assert.isTrue(await file.pin(frames));
	for (const index of [0, 31, 32]) {
		await file.write([memory.subarray(index * frame, index * frame + 10)], 0);
	}
	assert.deepEqual(
		kernel.taken.map(({ opcode }) => opcode),
		[OPCODE.writeFixed, OPCODE.writeFixed, OPCODE.write],
	);
	await file.close();
});

test("where nothing can be registered the plain operations do, on descriptors", async () => {
	const { kernel, file } = await scriptedRing({ registerError: () => ENOMEM });
	const memory = filled(64, 3);
	assert.isFalse(await file.pin([memory]));
	await file.write([memory], 0);
	const [entry] = kernel.taken;
	assert.deepEqual([entry?.opcode, entry?.isFixedFile], [OPCODE.write, false]);
	await file.close();
});

test("files beyond those that the ring has places for go by their descriptors, and a place is used again", async () => {
	const { kernel, file, scratch } = await scriptedRing({});
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
	const { kernel, file } = await scriptedRing({});
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

test("parts of one region go together where the kernel takes them so, wherever in it they lie", async () => {
	const { kernel, file } = await scriptedRing({ takesFixedVectors: true });
	const pinned = Uint8Array.from({ length: 60 }, (_, index) => index);
	await file.pin([pinned]);
	const parts = [
		...[pinned.subarray(0, 10), pinned.subarray(10, 15)],
		...[pinned.subarray(30, 40), filled(5, 99), filled(6, 98)],
		...[pinned.subarray(50, 60), pinned.subarray(45, 50)],
		...[filled(7, 97), pinned.subarray(20, 22), pinned.subarray(22, 25)],
	];
	const bytes = parts.flatMap((part) => Array.from(part));
	await file.write(parts, 3);
	assert.deepEqual(
		kernel.taken.map(({ opcode, offset }) => [opcode, offset]),
		[
			[OPCODE.writevFixed, 3],
			[OPCODE.writev, 28],
			[OPCODE.writevFixed, 39],
			[OPCODE.write, 54],
			[OPCODE.writeFixed, 61],
		],
	);
	assert.deepEqual(Array.from(kernel.file.subarray(3, 66)), bytes);
	for (const part of parts) {
		part.fill(0);
	}
	assert.equal(await file.read(parts, 3), 63);
	assert.deepEqual(
		kernel.taken.slice(5).map(({ opcode }) => opcode),
		[
			...[OPCODE.readvFixed, OPCODE.readv, OPCODE.readvFixed],
			...[OPCODE.read, OPCODE.readFixed],
		],
	);
	assert.deepEqual(
		parts.flatMap((part) => Array.from(part)),
		bytes,
	);
	await file.close();
});

test("neighbours in registered memory go in one operation in any kernel", async () => {
	const { kernel, file } = await scriptedRing({});
	const pinned = Uint8Array.from({ length: 60 }, (_, index) => index);
	await file.pin([pinned]);
	await file.write(
		[
			...[pinned.subarray(0, 10), pinned.subarray(10, 15)],
			...[pinned.subarray(20, 25), pinned.subarray(15, 20)],
		],
		0,
	);
	assert.deepEqual(
		kernel.taken.map(({ opcode, offset }) => [opcode, offset]),
		[
			[OPCODE.writeFixed, 0],
			[OPCODE.writeFixed, 15],
			[OPCODE.writeFixed, 20],
		],
	);
	await file.close();
});

test("targets are filled in one vectored read, but each pinned one by itself, in the same call", async () => {
	const { kernel, file } = await scriptedRing({});
	const pinned = filled(20, 0);
	await file.pin([pinned]);
	kernel.file.set(Uint8Array.from({ length: 64 }, (_, index) => index));
	kernel.size = 64;
	const targets = [
		...[filled(3, 0), filled(0, 0), filled(4, 0)],
		...[pinned, filled(5, 0)],
	];
	assert.equal(await file.read(targets, 10), 32);
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
	const { kernel, file } = await scriptedRing({
		result: (_, length) => (isShort ? Math.min(length, 7) : length),
	});
	const pinned = filled(20, 0);
	await file.pin([pinned]);
	kernel.file.set(Uint8Array.from({ length: 64 }, (_, index) => index));
	kernel.size = isShort ? 64 : 30;
	const targets = [filled(10, 0), filled(15, 0), pinned, filled(9, 0)];
	const count = await file.read(targets, 2);
	assert.equal(count, isShort ? 54 : 28);
	assert.deepEqual(
		targets.flatMap((target) => Array.from(target)).slice(0, count),
		Array.from(kernel.file.subarray(2, 2 + count)),
	);
	await file.close();
});

test("a sync asks for the bytes alone, a synced write for its own, and a directory's sync for all", async () => {
	const { kernel, file, scratch } = await scriptedRing({});
	await file.sync();
	await file.write([filled(4, 1)], 0, { synced: true });
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
	const { kernel, file } = await scriptedRing({
		result: (_, length) => Math.min(length, 7),
	});
	const parts = [filled(10, 1), filled(15, 2)];
	await file.write(parts, 5);
	const target = filled(25, 0);
	assert.equal(await file.read([target], 5), 25);
	assert.deepEqual(target, kernel.file.subarray(5, 30));
	assert.deepEqual(
		Array.from(target),
		parts.flatMap((part) => Array.from(part)),
	);
	assert.equal(await file.read([target], 10), 20);
	assert.equal(await file.read([target], 30), 0);
	await file.close();
});

test("a write that takes no byte is an error, and so is one past the alignment", async () => {
	let result = 0;
	const { file } = await scriptedRing(
		{ result: () => result },
		{ alignment: 8 },
	);
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

test.each([9, 2 ** 31 - 1])(
	"a transfer of 8 bytes that completes with %s has failed",
	async (result) => {
		const { file } = await scriptedRing({ result: () => result });
		const reading = await failureOf(() => file.read([filled(8, 0)], 0));
		assert.propertyVal(reading, "code", "EIO");
		const writing = await failureOf(() => file.write([filled(8, 1)], 0));
		assert.propertyVal(writing, "code", "ENOSPC");
		await file.close();
	},
);

test("a write of direct I/O that takes a part goes on behind the last whole block of it", async () => {
	const { kernel, file } = await scriptedRing(
		{ result: (_, length) => Math.min(length, 11) },
		{ alignment: 8 },
	);
	await file.write([filled(16, 1), filled(8, 2)], 0);
	assert.deepEqual(
		kernel.taken.map(({ offset }) => offset),
		[0, 8, 16],
	);
	assert.deepEqual(kernel.file.subarray(16, 24), filled(8, 2));
	await file.close();
});

test("a sync that completes with a count has failed", async () => {
	const { file } = await scriptedRing({ result: () => 1 });
	assert.propertyVal(await failureOf(() => file.sync()), "code", "EIO");
	await file.close();
});

test("a read of direct I/O ends where the file does, off a block", async () => {
	const { kernel, file } = await scriptedRing({}, { alignment: 8 });
	kernel.size = 13;
	assert.equal(await file.read([filled(24, 0)], 8), 5);
	assert.equal(kernel.taken.length, 1);
	await file.close();
});

test("what was pinned for a file goes by no fixed memory once that is closed: other memory may lie there then", async () => {
	const { kernel, file, scratch } = await scriptedRing({});
	const other = await scratch.open();
	const memory = filled(64, 3);
	await file.pin([memory]);
	await other.write([memory], 0);
	await file.close();
	await other.write([memory], 0);
	assert.deepEqual(
		kernel.taken.map(({ opcode }) => opcode),
		[OPCODE.writeFixed, OPCODE.write],
	);
	await other.close();
});

test("a file that is closed twice gives its place in the ring back once", async () => {
	const { kernel, file, scratch } = await scriptedRing({});
	const last = await scratch.open();
	await file.close();
	await file.close();
	const files = [await scratch.open(), await scratch.open()];
	for (const opened of files) {
		await opened.sync();
	}
	const [one, other] = kernel.taken;
	assert.notEqual(one?.file, other?.file);
	await Promise.all([...files, last].map((opened) => opened.close()));
	assert.deepEqual([kernel.rings, kernel.closed], [1, 1]);
});

test("memory that is being pinned while its file is closed is registered before the ring goes", async () => {
	const script: Script = {};
	const { kernel, file } = await scriptedRing(script);
	const ringsClosed: number[] = [];
	script.registerError = (opcode) => {
		if (opcode === REGISTER.buffers) {
			ringsClosed.push(kernel.closed);
		}
		return undefined;
	};
	const pinned = file.pin([filled(64, 3)]);
	await Promise.all([pinned, file.close()]);
	assert.isTrue(await pinned);
	assert.deepEqual([ringsClosed, kernel.closed], [[0], 1]);
	const late = await failureOf(() => file.pin([filled(64, 3)]));
	assert.propertyVal(late, "code", "EBADF");
});
