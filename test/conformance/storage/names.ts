import { assert } from "chai";
import { checkPartitionName } from "../../../src/index.ts";
import { namesIn } from "../../support/hosts/raw-file.ts";
import { textOf } from "../../support/runs/bytes.ts";
import {
	assertFails,
	assertRefuses,
	callUntyped,
} from "../../support/runs/failure.ts";
import { type Suite, storageTest } from "../../support/runs/suite.ts";

const VALID = [
	"partition",
	"my_partition",
	"my-partition",
	"partition123",
	"A1",
];
const INVALID = [
	"my/partition",
	"my.partition",
	"my partition",
	"../escape",
	"..",
	"",
	"ümlaut",
	"partition\n",
];

export function nameRows(suite: Suite): void {
	const test = storageTest(suite);

	test("a partition name is letters, digits, '-' and '_', for every call that takes one [test_partition_name_validation]", async (storage) => {
		for (const name of VALID) {
			checkPartitionName(name);
			await storage.open(name, "name");
			assert.lengthOf(await storage.scan(name), 1);
			await storage.remove(name);
		}
		for (const name of INVALID) {
			for (const call of [
				() => storage.open(name, "name"),
				() => storage.remove(name),
				() => storage.remove(name, "name"),
				() => storage.scan(name),
				() => checkPartitionName(name),
			]) {
				const error = await assertFails("ERR_PARTITION_NAME_INVALID", call);
				assert.equal(
					error.message,
					`partition name invalid, must only contain alphanumeric, dash ('-'), or underscore ('_') characters: ${name.replace("\n", "\\u{a}")}`,
				);
			}
		}
		assert.deepEqual(await namesIn(storage.host), ["dualslot.open"]);
	});

	test("a blob's name is 1 to 127 bytes, a string standing for its UTF-8", async (storage) => {
		const longest = "n".repeat(127);
		await storage.open("partition", longest);
		await storage.open("partition", "é");
		await storage.open("partition", Uint8Array.of(0, 255));
		assert.deepEqual(await namesIn(storage.host, "partition"), [
			"00ff",
			"6e".repeat(127),
			"c3a9",
		]);
		for (const wrong of [
			"",
			new Uint8Array(),
			"n".repeat(128),
			"é".repeat(64),
		]) {
			for (const call of [
				() => storage.open("partition", wrong),
				() => storage.remove("partition", wrong),
			]) {
				await assertRefuses(RangeError, call, "1 to 127 bytes");
			}
		}
	});

	test("a blob's name that is no Unicode is refused, since it would be that of another blob", async (storage) => {
		await storage.open("partition", "\ufffd");
		for (const name of ["\ud800", "a\udfff", "\udc00\ud800"]) {
			for (const call of [
				() => storage.open("partition", name),
				() => storage.remove("partition", name),
			]) {
				await assertRefuses(RangeError, call, "surrogate");
			}
		}
		await storage.open("partition", "\ud83d\ude00");
		assert.deepEqual(await namesIn(storage.host, "partition"), [
			...["efbfbd", "f09f9880"],
		]);
	});

	test("a message quotes what a name has that is not to be seen", async (storage) => {
		const name = "a\nb\u001b[2J\u202ec\u2028";
		const error = await assertFails("ERR_PARTITION_NAME_INVALID", () =>
			storage.open(name, "name"),
		);
		assert.include(error.message, "a\\u{a}b\\u{1b}[2J\\u{202e}c\\u{2028}");
		assert.equal(error.place.partition, name);
	});

	test("a name of another type is refused before any I/O", async (storage) => {
		for (const [method, ...given] of [
			["open", 7, "name"],
			["open", "partition", 7],
			["remove", "partition", 7],
			["scan", 7],
			["scan"],
		] as const) {
			await assertRefuses(TypeError, () =>
				callUntyped(storage, method, ...given),
			);
		}
		assert.deepEqual(await namesIn(storage.host), ["dualslot.open"]);
	});

	test("a blob's name is no path: its file name is hex", async (storage) => {
		await storage.open("partition", "../escape");
		assert.deepEqual(await namesIn(storage.host), [
			"dualslot.open",
			"partition",
		]);
		const [name] = await storage.scan("partition");
		assert.equal(textOf(name ?? new Uint8Array()), "../escape");
	});
}
