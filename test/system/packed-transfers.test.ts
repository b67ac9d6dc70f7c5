import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { assert } from "chai";
import { afterAll, beforeAll, describe, test } from "vitest";
import { commandLine } from "../support/package/programs.ts";
import { joinedLines } from "./joined-lines.ts";

const PROGRAM = fileURLToPath(new URL("packed-transfers.mjs", import.meta.url));
const VECTORS = fileURLToPath(new URL("vectors.c", import.meta.url));
const FRAME_SIZE = 524288;
const BLOCK = 4096;
/** What blobs.dat has grown to, in slots, each time it grew: by chunks of 8, and of 64 beyond 128. */
const GROWTHS = [
	...Array.from({ length: 16 }, (_, index) => 8 * (index + 1)),
	192,
];
/** File systems that take any address, length and offset for direct I/O: they prove nothing about it. */
const IN_MEMORY = ["tmpfs", "ramfs"];

/** One system call that moved bytes of blobs.dat. */
interface Transfer {
	readonly call: string;
	readonly address: number;
	readonly length: number;
	readonly offset: number;
}

const directory = mkdtempSync(join(tmpdir(), "dualslot-"));
const preloaded = join(directory, "vectors.so");

beforeAll(() => {
	const fileSystem = output("stat", "-f", "-c", "%T", directory).trim();
	console.log(`frames are moved on ${fileSystem}, in ${directory}`);
	assert.notInclude(
		IN_MEMORY,
		fileSystem,
		"set TMPDIR to a directory of a disk: this file system shows nothing",
	);
});

beforeAll(() => {
	output("cc", "-shared", "-fPIC", "-o", preloaded, VECTORS, "-ldl");
});

afterAll(() => rmSync(directory, { recursive: true }));

for (const [runtime, sync] of [
	["node", "async"],
	["node", "blocking"],
	["deno", "async"],
] as const) {
	describe(`under ${runtime}, ${sync}`, () => {
		const store = join(directory, `${runtime}-${sync}`);
		let maps = "";
		let trace = "";
		let vectors = "";

		beforeAll(() => {
			const file = join(directory, `${runtime}-${sync}.trace`);
			const told = join(directory, `${runtime}-${sync}.vectors`);
			const calls =
				"?openat,?pread64,?pwrite64,?preadv,?pwritev,?preadv2,?pwritev2,?read,?write,?fallocate,?ftruncate";
			const raw = "?pread64,?pwrite64,?preadv,?pwritev,?preadv2,?pwritev2";
			maps = output(
				...(["strace", "-f", "-y", "-s", "0", "-o", file] as const),
				...["-e", `trace=${calls}`, "-e", `raw=${raw}`],
				...["-E", `LD_PRELOAD=${preloaded}`, "-E", `VECTORS=${told}`],
				...[...commandLine(runtime, PROGRAM), runtime, store, sync],
			);
			trace = readFileSync(file, "utf8");
			vectors = existsSync(told) ? readFileSync(told, "utf8") : "";
		}, 60_000);

		test("blobs.dat is opened once, with O_DIRECT", () => {
			const opens = trace
				.split("\n")
				.filter(
					(line) =>
						line.includes('/blobs.dat"') || /openat\(.*blobs\.dat/.test(line),
				);
			assert.lengthOf(opens, 1, opens.join("\n"));
			assert.include(opens[0], "O_DIRECT");
		});

		test("every transfer of frames has address, length and offset at multiples of 4096, in one mapping", () => {
			const moved = transfersIn(trace, vectors);
			assert.isAtLeast(moved.length, 10);
			for (const { call, address, length, offset } of moved) {
				assert.equal(offset % BLOCK, 0, call);
				assert.equal(length % BLOCK, 0, call);
				assert.equal(address % BLOCK, 0, call);
			}
			const mappings = new Set(
				moved.map(({ address }) => mappingOf(maps, address)),
			);
			assert.lengthOf([...mappings], 1, [...mappings].join("\n"));
			assert.isDefined([...mappings][0]);
		});

		test(`blobs.dat ${runtime === "node" ? "gets room on the disk" : "grows, without room on the disk, and says so,"} in the chunks of holt, and for no frame by itself`, () => {
			const hasRoom = runtime === "node";
			const [made, other] = hasRoom
				? ["fallocate", "ftruncate"]
				: ["ftruncate", "fallocate"];
			const sizes = GROWTHS.map((slots) => slots * FRAME_SIZE);
			assert.deepEqual(sizesIn(trace, made), sizes);
			assert.deepEqual(sizesIn(trace, other), []);
			assert.include(maps, `allocatesRoom ${hasRoom}\n`);
		});

		test("the system's cache holds no page of blobs.dat", () => {
			const file = join(store, "blobs.dat");
			const found = output("fincore", "-b", "-n", "-o", "PAGES,SIZE", file);
			const [pages, size] = found.trim().split(/\s+/).map(Number);
			assert.equal(pages, 0);
			assert.isAtLeast(size ?? 0, 8 * FRAME_SIZE);
		});
	});
}

/** The calls of one part as strace shows them, and those of many part by part; all of these must have been seen. */
function transfersIn(trace: string, vectors: string): Transfer[] {
	const lines = joinedLines(trace);
	const opened = lines.find((line) => /openat\(.*blobs\.dat/.test(line));
	const fd = Number(opened?.match(/= (\d+)</)?.[1]);
	const parts = vectors
		.split("\n")
		.filter((line) => line.startsWith(`${fd} `))
		.map((call) => ({ call, ...transferOf(call.split(" ").map(Number)) }));
	let partsOfCalls = 0;
	const single = lines.flatMap((call) => {
		const [, name = "", values = ""] =
			call.match(/\b(pread64|pwrite64|p\w+v2?)\(([^)]*)\)/) ?? [];
		const numbers = values.split(",").map((value) => Number(value.trim()));
		if (name === "" || numbers[0] !== fd) {
			return [];
		}
		if (name.endsWith("64")) {
			return [{ call, ...transferOf(numbers) }];
		}
		partsOfCalls += numbers[2] ?? 0;
		return [];
	});
	assert.equal(parts.length, partsOfCalls, "vectored calls were not seen");
	return [...single, ...parts];
}

/** What calls of a name made of blobs.dat: all bytes from the first on. */
function sizesIn(trace: string, name: string): number[] {
	const call = new RegExp(
		`\\b${name}\\(\\d+<[^>]*/blobs\\.dat>, (?:0, 0, )?(\\d+)\\) += 0`,
	);
	return joinedLines(trace).flatMap((line) => {
		const size = line.match(call)?.[1];
		return size === undefined ? [] : [Number(size)];
	});
}

function transferOf([, address = 0, length = 0, offset = 0]: number[]) {
	return { address, length, offset };
}

/** The line of /proc/self/maps that covers an address. */
function mappingOf(maps: string, address: number): string | undefined {
	return maps.split("\n").find((line) => {
		const [start = 0, end = 0] = (line.match(/^(\w+)-(\w+) /) ?? [])
			.slice(1)
			.map((digits) => Number.parseInt(digits, 16));
		return start <= address && address < end;
	});
}

function output(command: string, ...parameters: string[]): string {
	return execFileSync(command, parameters, { encoding: "utf8" });
}
