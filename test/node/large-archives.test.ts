import { assert } from "chai";
import { test } from "vitest";
import { memoryHost } from "../../hosts/memory.ts";
import { lengthOf } from "../../src/bytes.ts";
import { DelegatingFile, DelegatingHost } from "../../src/host/delegating.ts";
import type {
	HostFile,
	HostOpenOptions,
	OpenMode,
} from "../../src/host/host.ts";
import { exportTo, importFrom } from "../../src/transfer/index.ts";
import {
	decodeHeader,
	decodePax,
	encodeHeader,
} from "../../src/transfer/tar.ts";
import { bytesOf } from "../support/runs/bytes.ts";
import { withStorage } from "../support/runs/suite.ts";

const LARGE = 8 * 2 ** 30 + 12345;
/** What is shorter is not of the large file, or is its header. */
const SMALL = 10_000;
const PATH = "large/6e616d65";

test("a file past 8 GiB is exported and imported, in memory that does not grow with it", async () => {
	const from = new SparseHost(memoryHost());
	const to = new SparseHost(memoryHost());
	await withStorage(from, async (storage) => {
		const blob = await storage.open("large", "name");
		await blob.resize(LARGE - 8);
		await withStorage(to, async (other) => {
			const { readable, writable } = new TransformStream<
				Uint8Array,
				Uint8Array
			>();
			const [exported, imported] = await Promise.all([
				exportTo(storage, writable),
				importFrom(other, readable),
			]);
			assert.deepEqual(exported, { files: 1, bytes: LARGE });
			assert.deepEqual(imported, exported);
			assert.equal(to.largest, LARGE);
		});
	});
});

test("a size is in the header up to 8 GiB - 1, and past that in a pax header before it", () => {
	const kind = "file";
	const most = encodeHeader({ path: PATH, kind, size: 8 ** 11 - 1 });
	assert.equal(most.length, 512);
	assert.equal(decodeHeader(most, 0)?.size, 8 ** 11 - 1);
	const larger = encodeHeader({ path: PATH, kind, size: 8 ** 11 });
	assert.equal(larger.length, 3 * 512);
	const { size = 0 } = decodeHeader(larger.subarray(0, 512), 0) ?? {};
	const records = decodePax(larger.subarray(512, 512 + size), 512);
	assert.deepEqual([...records], [["size", String(8 ** 11)]]);
});

test("a size in base 256, as GNU tar writes it, is read", () => {
	const header = encodeHeader({ path: PATH, kind: "file", size: 0 });
	header.fill(0, 124, 136);
	header[124] = 0x80;
	header[131] = 2;
	header.fill(0x20, 148, 156);
	const sum = header.reduce((total, byte) => total + byte, 0);
	header.set(bytesOf(`${sum.toString(8).padStart(6, "0")}\0 `), 148);
	assert.equal(decodeHeader(header, 0)?.size, 2 * 2 ** 32);
});

/** Of what lies in one partition it keeps the sizes, and no bytes. */
class SparseHost extends DelegatingHost {
	largest = 0;

	override async open(
		path: string,
		mode: OpenMode,
		options?: HostOpenOptions,
	): Promise<HostFile | undefined> {
		const file = await super.open(path, mode, options);
		return file && new SparseFile(file, this);
	}
}

class SparseFile extends DelegatingFile {
	readonly #host: SparseHost;

	constructor(file: HostFile, host: SparseHost) {
		super(file);
		this.#host = host;
	}

	override read(targets: readonly Uint8Array[], offset: number) {
		const length = lengthOf(targets);
		return length < SMALL
			? super.read(targets, offset)
			: Math.min(length, LARGE - offset);
	}

	override write(parts: readonly Uint8Array[], offset: number) {
		const end = parts.reduce((sum, { length }) => sum + length, offset);
		if (end < SMALL) {
			return super.write(parts, offset);
		}
		this.#host.largest = Math.max(this.#host.largest, end);
	}

	override truncate(size: number) {
		this.#host.largest = size;
	}
}
