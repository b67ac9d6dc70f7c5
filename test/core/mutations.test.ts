import { afterEach, beforeEach, expect, test } from "vitest";
import type { PageVerdict } from "../../src/core/answers.ts";
import { Core } from "../../src/core/core.ts";
import {
	bitwiseCrc,
	CASTAGNOLI,
	encodePage,
	slotFor,
} from "../support/oracles/oracle.ts";
import { type Random, seeded } from "../support/runs/prng.ts";
import { sharedRounds } from "../support/runs/share.ts";

// Whatever a disk returns, the core answers: it does not trap, hang, grow, or write where it was not asked to. What
// surrounds the input is compared each time, all other memory at the end.

const MEMORY = 128 * 1024;
const GUARD = 64;
const UNTOUCHED = 0xa5;
const PAGE_MUTATIONS = 700_000;
const HEADER_MUTATIONS = 200_000;
const RUN_MUTATIONS = 100_000;
const VARINT_MUTATIONS = 500_000;
const FRAME_MUTATIONS = 500_000;

const core = await Core.load(MEMORY);
const guarded = core.heapBase;
const address = guarded + GUARD;
const heap = () => core.bytes(guarded, core.memoryBytes - guarded);

beforeEach(() => {
	heap().fill(UNTOUCHED);
});

afterEach(() => {
	expect(heap().buffer.byteLength, "the memory's size").toBe(MEMORY);
	place(new TextEncoder().encode("123456789"));
	expect(core.checksums.crc32c(address, 9), "the tables").toBe(0xe3069283);
	expect(core.checksums.crc32(address, 9), "the tables").toBe(0xcbf43926);
	heap().fill(UNTOUCHED, 0, 1024);
	expect(heap().every((byte) => byte === UNTOUCHED)).toBe(true);
});

function place(bytes: Uint8Array): void {
	const around = core.bytes(guarded, bytes.length + 2 * GUARD);
	around.fill(UNTOUCHED);
	around.set(bytes, GUARD);
}

function isUntouched(bytes: Uint8Array): boolean {
	const around = core.bytes(guarded, bytes.length + 2 * GUARD);
	const end = GUARD + bytes.length;
	return around.every(
		(byte, at) =>
			byte === (at < GUARD || at >= end ? UNTOUCHED : bytes[at - GUARD]),
	);
}

/** Mutates in place: a bit, a byte, a stretch of zeros, or the two bytes at `length`. */
function mutate(bytes: Uint8Array, length: number, random: Random): void {
	const at = random.integer(0, bytes.length);
	switch (random.integer(0, 5)) {
		case 0:
			bytes[at] = (bytes[at] ?? 0) ^ (1 << random.integer(0, 8));
			break;
		case 1:
			bytes[at] = random.word();
			break;
		case 2:
			bytes.subarray(at, at + random.integer(1, 16)).fill(0);
			break;
		case 3:
			bytes[length] = random.word();
			break;
		default:
			bytes[length + 1] = random.integer(0, 50);
	}
}

function validPage(random: Random, pageSize: number): Uint8Array {
	const data = random.bytes(pageSize);
	const first = slotFor(data, random.integer(0, pageSize + 1));
	const second = slotFor(data, random.integer(0, pageSize + 1));
	return encodePage(pageSize, data, first, second);
}

const slotNumbers = [1, 2] as const;

test(
	"no mutation of a page makes the core trap, write, or vouch for bytes that do not match",
	seeded((random) => {
		let page = new Uint8Array();
		let pageSize = 0;
		for (const round of sharedRounds(PAGE_MUTATIONS, "mutations of a page")) {
			if (round % 50 === 0) {
				pageSize = random.pick([1, 2, 15, 16, 40]);
				page = validPage(random, pageSize).slice();
			}
			mutate(page, pageSize + random.pick([0, 6]), random);
			place(page);
			const verdict = core.pages.validatePage(address, pageSize);
			const slot = random.pick(slotNumbers);
			const retired = core.pages.retiredLength(address, pageSize, slot);
			core.pages.slotAtRisk(address, pageSize, slot, random.word());
			if (
				!isUntouched(page) ||
				!isHonest(verdict, page, pageSize) ||
				(retired !== 0 && (retired <= verdict.length || retired > pageSize))
			) {
				expect.fail(
					`${Buffer.from(page).toString("hex")}, page size ${pageSize}: ${JSON.stringify(verdict)}, ${retired}`,
				);
			}
		}
	}),
);

function isHonest(
	{ slot, length, first, second }: PageVerdict,
	page: Uint8Array,
	pageSize: number,
): boolean {
	if (slot === 0) {
		return length === 0 && first.state !== "valid" && second.state !== "valid";
	}
	const chosen = slot === 1 ? first : second;
	const crc = bitwiseCrc(CASTAGNOLI, page.subarray(0, length));
	return length > 0 && length <= pageSize && crc === chosen.crc;
}

test(
	"no mutation of a header makes the core trap, write, or accept what is not one",
	seeded((random) => {
		const header = new Uint8Array(8);
		for (const round of sharedRounds(
			HEADER_MUTATIONS,
			"mutations of a header",
		)) {
			if (round % 20 === 0) {
				core.pages.encodeHeader(address, random.integer(0, 4));
				header.set(core.bytes(address, 8));
			}
			mutate(header, random.pick([4, 6]), random);
			place(header);
			const length = random.integer(0, 9);
			const { status } = core.pages.parseHeader(address, length, 0, 3);
			const isAccepted = length === 8 && isHeader(header);
			if (!isUntouched(header) || (status === "ok") !== isAccepted) {
				expect.fail(`${header} of ${length} bytes is ${status}`);
			}
		}
	}),
);

function isHeader(bytes: Uint8Array): boolean {
	const version = bytes[7] ?? 0;
	const start = Buffer.from(bytes.subarray(0, 7)).toString("hex");
	return start === "43574943000000" && version <= 3;
}

test(
	"no mutation of a run makes a scan or a shrink trap, or reach beyond the run",
	seeded((random) => {
		let run = new Uint8Array();
		let pageSize = 0;
		for (const round of sharedRounds(RUN_MUTATIONS, "mutations of a run")) {
			if (round % 20 === 0) {
				pageSize = random.pick([1, 7, 24]);
				run = Buffer.concat([1, 2, 3].map(() => validPage(random, pageSize)));
			}
			const page = random.integer(0, 3) * (pageSize + 12);
			mutate(run, page + pageSize, random);
			place(run);
			const last = core.pages.lastValidPage(address, pageSize, 3);
			const full = core.pages.validateRun(address, pageSize, 3);
			if (last >= 3 || full > last + 1 || !isUntouched(run)) {
				expect.fail(`${full} full pages, the last valid one is ${last}`);
			}
			shrinkFirst(run, pageSize, random.integer(1, pageSize + 1));
		}
	}),
);

/** A shrink of a run's first page may write that page's record, and where it is refused nothing. */
function shrinkFirst(run: Uint8Array, pageSize: number, length: number): void {
	const stages = core.pages.stageShrink(address, pageSize, length);
	if (stages !== undefined) {
		const shrunk = core.pages.validatePage(address, pageSize);
		const kept = stages.newSlotOffset === pageSize ? 1 : 2;
		expect([shrunk.slot, shrunk.length]).toEqual([kept, length]);
		core
			.bytes(address + pageSize, 12)
			.set(run.subarray(pageSize, pageSize + 12));
	}
	if (!isUntouched(run)) {
		expect.fail(`a shrink to ${length} wrote beyond the record`);
	}
}

test(
	"no mutation of a varint makes the core trap, or take it for a number that is written otherwise",
	seeded((random) => {
		const varint = new Uint8Array(7);
		for (const round of sharedRounds(
			VARINT_MUTATIONS,
			"mutations of a varint",
		)) {
			if (round % 10 === 0) {
				varint.set(
					core.records.varint(random.word() >>> random.integer(0, 32)),
				);
			}
			mutate(varint, random.integer(0, 5), random);
			const length = random.integer(0, 8);
			const verdict = core.records.decodeVarint(varint.subarray(0, length));
			const isOwn =
				verdict.status !== "ok" ||
				(verdict.width <= length && isVarint(varint, verdict));
			if (!isOwn) {
				expect.fail(`${varint} of ${length} bytes: ${JSON.stringify(verdict)}`);
			}
		}
	}),
);

function isVarint(
	bytes: Uint8Array,
	{ value, width }: { value: number; width: number },
): boolean {
	const own = core.records.varint(value);
	return own.length === width && own.every((byte, at) => byte === bytes[at]);
}

const FRAMES_LENGTH = 60;
const FRAMES_CAPACITY = 8;
const FRAME_SIZE_MAX = 40;

test(
	"no mutation of frames makes a scan trap, hang, write beyond its table, or find what does not lie in the bytes",
	seeded((random) => {
		let frames = new Uint8Array();
		for (const round of sharedRounds(FRAME_MUTATIONS, "mutations of frames")) {
			if (round % 20 === 0) {
				frames = framesOf(random);
			}
			mutate(frames, random.integer(0, FRAMES_LENGTH - 1), random);
			requireFrames(frames, random.integer(0, FRAMES_LENGTH + 1));
		}
	}),
);

function framesOf(random: Random): Uint8Array<ArrayBuffer> {
	const bytes = random.bytes(FRAMES_LENGTH);
	for (let at = 0; at < FRAMES_LENGTH; ) {
		const size = random.integer(0, 20);
		bytes[at] = size;
		at += 1 + size;
	}
	return bytes;
}

/** The table lies behind the bytes, with a guard of its own. */
function requireFrames(frames: Uint8Array, length: number): void {
	const tableAt = FRAMES_LENGTH + 4;
	const input = new Uint8Array(tableAt + 8 * FRAMES_CAPACITY);
	input.fill(UNTOUCHED).set(frames);
	place(input);
	const { places, end, stop } = core.records.scanFrames(
		address,
		length,
		FRAME_SIZE_MAX,
		address + tableAt,
		FRAMES_CAPACITY,
	);
	core.bytes(address + tableAt, 8 * FRAMES_CAPACITY).fill(UNTOUCHED);
	const isTold = (stop === "end") === (end === length);
	const isFound = endOf(places, frames) === end && end <= length;
	if (!isTold || !isFound || !isUntouched(input)) {
		expect.fail(`${frames} of ${length} bytes: ${places} to ${end}, ${stop}`);
	}
}

/** Where the frames in these places end, if they lie there one behind the other. */
function endOf(places: Uint32Array, frames: Uint8Array): number {
	let end = 0;
	for (let index = 0; index < places.length; index += 2) {
		const [start = 0, size = 0] = places.subarray(index, index + 2);
		const head = core.records.varint(size);
		const isFrame =
			start === end + head.length &&
			size <= FRAME_SIZE_MAX &&
			head.every((byte, at) => byte === frames[end + at]);
		end = isFrame ? start + size : Number.NaN;
	}
	return end;
}
