import { joined } from "../runs/bytes.ts";
import { bitwiseCrc, ISO_HDLC } from "./oracle.ts";

// A packed store's manifest once more, slowly and in the plainest words. It shares no code or
// constants with the core.

export const SECTOR = 512;
export const SLOT_MAX = 2n ** 64n - 1n;

const MAGIC = [0x4d, 0x4c, 0x47, 0x31];
/** Each byte's effect on a remainder, for millions of records. */
const STEPS = Uint32Array.from(
	{ length: 256 },
	(_, byte) => ~bitwiseCrc(ISO_HDLC, Uint8Array.of(byte), 0xffffffff),
);
const BODIES: Readonly<Record<number, number>> = { 1: 24, 2: 16 };

/** A GUID of sixteen times one byte. */
export function guidOf(byte: number): Uint8Array<ArrayBuffer> {
	return new Uint8Array(16).fill(byte);
}

function crcOf(bytes: Uint8Array): number {
	let remainder = 0xffffffff;
	for (const byte of bytes) {
		remainder = (remainder >>> 8) ^ (STEPS[(remainder ^ byte) & 0xff] ?? 0);
	}
	return ~remainder >>> 0;
}

function u64(value: bigint): Uint8Array<ArrayBuffer> {
	const bytes = new Uint8Array(8);
	new DataView(bytes.buffer).setBigUint64(0, value, true);
	return bytes;
}

function u32(value: number): Uint8Array<ArrayBuffer> {
	const bytes = new Uint8Array(4);
	new DataView(bytes.buffer).setUint32(0, value, true);
	return bytes;
}

export function mappingOf(
	guid: Uint8Array,
	slot: bigint,
): Uint8Array<ArrayBuffer> {
	return joined(guid, u64(slot));
}

/** A record with a right CRC, even if its type and length mean nothing. */
export function recordOf(
	type: number,
	body: Uint8Array,
): Uint8Array<ArrayBuffer> {
	const head = joined(
		Uint8Array.from(MAGIC),
		u32(body.length),
		Uint8Array.of(type),
		body,
	);
	return joined(head, u32(crcOf(head)));
}

export function setOf(guid: Uint8Array, slot: bigint): Uint8Array<ArrayBuffer> {
	return recordOf(1, mappingOf(guid, slot));
}

export function deleteOf(guid: Uint8Array): Uint8Array<ArrayBuffer> {
	return recordOf(2, guid);
}

export interface SnapshotShape {
	readonly next: bigint;
	readonly magic?: string;
	readonly version?: number;
	readonly reserved?: number;
	/** The number of mappings by default. */
	readonly count?: number;
}

export function snapshotOf(
	{ next, magic, version, reserved, count }: SnapshotShape,
	...mappings: readonly Uint8Array[]
): Uint8Array<ArrayBuffer> {
	const header = new Uint8Array(24);
	const view = new DataView(header.buffer);
	header.set(new TextEncoder().encode(magic ?? "ARTSNMNF"));
	view.setUint16(8, version ?? 6, true);
	view.setUint32(10, count ?? mappings.length, true);
	view.setUint16(14, reserved ?? 0, true);
	view.setBigUint64(16, next, true);
	return joined(header, ...mappings);
}

export interface Replayed {
	readonly end: number;
	readonly records: number;
	readonly stop: string;
	/** Slots by GUID, in hex. */
	readonly slots: ReadonlyMap<string, bigint>;
	readonly next: bigint;
}

/**
 * The contents of a whole log, from an empty manifest on. A believed length that is too large gives
 * "long".
 */
export function replayed(
	log: Uint8Array,
	trust: "length" | "type",
	room = Number.POSITIVE_INFINITY,
): Replayed {
	const slots = new Map<string, bigint>();
	let next = 0n;
	let end = 0;
	let records = 0;
	let stop = "end";
	while (stop === "end" && end < log.length) {
		const record = log.subarray(end);
		stop = stopOf(record, trust);
		if (stop !== "end") {
			break;
		}
		const guid = keyOf(record.subarray(9, 25));
		if (record[8] === 2) {
			slots.delete(guid);
		} else if (!slots.has(guid) && slots.size === room) {
			stop = "full";
			break;
		} else {
			const slot = viewOf(record).getBigUint64(25, true);
			slots.set(guid, slot);
			const behind = slot === SLOT_MAX ? slot : slot + 1n;
			next = behind > next ? behind : next;
		}
		records += 1;
		end += 13 + viewOf(record).getUint32(4, true);
	}
	return { end, records, stop, slots, next };
}

export function keyOf(guid: Uint8Array): string {
	return String.fromCharCode(...guid);
}

function stopOf(record: Uint8Array, trust: "length" | "type"): string {
	if (record.length < 9) {
		return "short";
	}
	if (MAGIC.some((byte, at) => record[at] !== byte)) {
		return "magic";
	}
	const length = viewOf(record).getUint32(4, true);
	const type = typeStop(record[8] ?? 0, length);
	if (trust === "type" && type !== "end") {
		return type;
	}
	if (record.length < 13 + length) {
		return "short";
	}
	if (length > 24) {
		return "long";
	}
	const crc = viewOf(record).getUint32(9 + length, true);
	const isRight = crcOf(record.subarray(0, 9 + length)) === crc;
	return isRight ? type : "crc";
}

function typeStop(type: number, length: number): string {
	const expected = BODIES[type];
	if (expected === undefined) {
		return "unknown op";
	}
	if (length === expected) {
		return "end";
	}
	return type === 1 ? "set length" : "delete length";
}

/**
 * Whether a crash within an append explains these bytes, which lie at `offset`, end with the file,
 * and begin with no whole record. It does if they are the start of a record, without the sectors
 * that were never written.
 */
export function isExplainedByCrash(bytes: Uint8Array, offset: number): boolean {
	const boundary = SECTOR - (offset % SECTOR);
	const first = bytes.subarray(0, boundary);
	const second = bytes.subarray(boundary, boundary + SECTOR);
	const isUnwritten = (sector: Uint8Array) =>
		sector.length > 0 && sector.every((byte) => byte === 0);
	return (
		isUnwritten(first) ||
		(isUnwritten(second) && isStart(first, boundary)) ||
		isStart(bytes, bytes.length)
	);
}

/** Whether the bytes start a record that goes on behind them. */
function isStart(bytes: Uint8Array, length: number): boolean {
	return [1, 2].some((type) => {
		const body = 9 + (BODIES[type] ?? 0);
		const head = [...MAGIC, ...u32(body - 9), type];
		return (
			bytes.length === length &&
			length < body + 4 &&
			bytes.subarray(0, 9).every((byte, at) => byte === head[at]) &&
			bytes
				.subarray(body)
				.every((byte, at) => byte === u32(crcOf(bytes.subarray(0, body)))[at])
		);
	});
}

function viewOf(bytes: Uint8Array): DataView {
	return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
