import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import type { HeaderVerdict } from "../../src/core/answers.ts";
import { Core } from "../../src/core/core.ts";
import { chachaBlock, keyFromSeed } from "../support/rust/chacha.ts";

const core = await Core.load(65536);
const address = core.heapBase;
const CASES = 65536;

function parse(
	bytes: readonly number[],
	lo: number,
	hi: number,
): HeaderVerdict {
	core.bytes(address, bytes.length).set(bytes);
	return core.pages.parseHeader(address, bytes.length, lo, hi);
}

test("a header has the magic CWIC, runtime version 0 and the blob's version", () => {
	core.pages.encodeHeader(address, 42);
	expect([...core.bytes(address, 8)]).toEqual([
		0x43, 0x57, 0x49, 0x43, 0, 0, 0, 42,
	]);
});

test("a version within the accepted range, its ends included, is accepted", () => {
	core.pages.encodeHeader(address, 5);
	const verdict = { status: "ok", runtimeVersion: 0, blobVersion: 5 };
	expect(core.pages.parseHeader(address, 8, 3, 7)).toEqual(verdict);
	expect(core.pages.parseHeader(address, 8, 5, 5)).toEqual(verdict);
});

test("another magic is foreign, whatever follows it", () => {
	const foreign = { status: "foreign", runtimeVersion: 0, blobVersion: 0 };
	expect(parse([...Buffer.from("XXXX"), 0, 99, 0, 5], 3, 7)).toEqual(foreign);
	expect(parse([0, 0, 0, 0, 0, 0, 0, 0], 0, 0)).toEqual(foreign);
});

test("another runtime version is refused, before the blob's version is looked at", () => {
	expect(parse([...Buffer.from("CWIC"), 0, 99, 0, 10], 3, 7)).toEqual({
		status: "runtime",
		runtimeVersion: 99,
		blobVersion: 10,
	});
});

test("a version outside the accepted range is refused, and told", () => {
	core.pages.encodeHeader(address, 10);
	const mismatch = { status: "version", runtimeVersion: 0, blobVersion: 10 };
	expect(core.pages.parseHeader(address, 8, 3, 7)).toEqual(mismatch);
	expect(core.pages.parseHeader(address, 8, 11, 12)).toEqual(mismatch);
});

test("every version comes back from the 8 bytes that it was written to", () => {
	for (let version = 0; version <= 0xffff; version += 1) {
		core.pages.encodeHeader(address, version);
		const verdict = core.pages.parseHeader(address, 8, version, version);
		if (verdict.status !== "ok" || verdict.blobVersion !== version) {
			expect.fail(`version ${version} came back as ${JSON.stringify(verdict)}`);
		}
	}
});

test("a header that a crash cut short is short, at every length below 8", () => {
	core.pages.encodeHeader(address, 1);
	const short = { status: "short", runtimeVersion: 0, blobVersion: 0 };
	for (let length = 0; length < 8; length += 1) {
		expect(core.pages.parseHeader(address, length, 0, 1)).toEqual(short);
	}
});

test("65,536 headers have the bytes that commonware publishes the hash of", () => {
	const published =
		"541c356728d47b13f1d3ac800926ef3ae2396c82f5d4e043f5c7641c4c22b4b9";
	expect(
		conformanceHash((arbitrary) => {
			core.pages.encodeHeader(address, arbitrary.getUint16(0, true));
			return core.bytes(address, 8);
		}),
	).toBe(published);
});

test("65,536 checksum records, as the core reads them, have the hash that commonware publishes", () => {
	const published =
		"2ca927141b521b7cccc541ec0df8614e418d317fc864ce11f428aefb330cf256";
	expect(conformanceHash(recordOf)).toBe(published);
});

/** A record behind a page of one byte, from values that the core must read back out of it. */
function recordOf(arbitrary: DataView): Uint8Array {
	const record = new DataView(new ArrayBuffer(12));
	const wanted = [0, 6].map((offset) => ({
		length: arbitrary.getUint16(offset, true),
		crc: arbitrary.getUint32(offset + 2, true),
	}));
	for (const [index, { length, crc }] of wanted.entries()) {
		record.setUint16(index * 6, length);
		record.setUint32(index * 6 + 2, crc);
	}
	const bytes = new Uint8Array(record.buffer);
	core.bytes(address + 1, 12).set(bytes);
	const { first, second } = core.pages.validatePage(address, 1);
	const read = [first, second].map(({ length, crc }) => ({ length, crc }));
	expect(read).toEqual(wanted);
	return bytes;
}

/** The hash over all seeds of what `commit` makes of a seed's arbitrary bytes, each with its length before it. */
function conformanceHash(commit: (arbitrary: DataView) => Uint8Array): string {
	const hash = createHash("sha256");
	const length = Buffer.alloc(8);
	for (let seed = 0; seed < CASES; seed += 1) {
		const block = chachaBlock(keyFromSeed(seed), 0, 8);
		const bytes = commit(new DataView(block.buffer));
		length.writeUInt32LE(bytes.length);
		hash.update(length).update(bytes);
	}
	return hash.digest("hex");
}
