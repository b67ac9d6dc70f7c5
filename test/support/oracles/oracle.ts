import type { PageVerdict, SlotVerdict } from "../../../src/core/answers.ts";

// The format once more, slowly and in the plainest words, to be read beside docs/format.md. It
// shares no code or constants with the core.

export const CASTAGNOLI = 0x82f63b78;
export const ISO_HDLC = 0xedb88320;

/** A CRC by its definition: one bit after the other. */
export function bitwiseCrc(
	polynomial: number,
	bytes: Uint8Array,
	crc = 0,
): number {
	let remainder = ~crc;
	for (const byte of bytes) {
		remainder ^= byte;
		for (let bit = 0; bit < 8; bit += 1) {
			const isOdd = remainder & 1;
			remainder >>>= 1;
			if (isOdd) {
				remainder ^= polynomial;
			}
		}
	}
	return ~remainder >>> 0;
}

export interface Slot {
	readonly length: number;
	readonly crc: number;
}

/** A physical page: data padded with zeros to `pageSize`, and the record of two slots. */
export function encodePage(
	pageSize: number,
	data: Uint8Array,
	first: Slot,
	second: Slot = { length: 0, crc: 0 },
): Uint8Array<ArrayBuffer> {
	const page = new Uint8Array(pageSize + 12);
	page.set(data);
	const view = new DataView(page.buffer);
	view.setUint16(pageSize, first.length);
	view.setUint32(pageSize + 2, first.crc);
	view.setUint16(pageSize + 6, second.length);
	view.setUint32(pageSize + 8, second.crc);
	return page;
}

/** The slot that vouches for the first `length` bytes of `data`. */
export function slotFor(data: Uint8Array, length = data.length): Slot {
	return { length, crc: bitwiseCrc(CASTAGNOLI, data.subarray(0, length)) };
}

export function judgePage(page: Uint8Array, pageSize: number): PageVerdict {
	const first = judgeSlot(page, pageSize, pageSize);
	const second = judgeSlot(page, pageSize, pageSize + 6);
	const slot = chooseSlot(first, second);
	const length = slot === 0 ? 0 : (slot === 1 ? first : second).length;
	return { slot, length, first, second };
}

function judgeSlot(
	page: Uint8Array,
	pageSize: number,
	offset: number,
): SlotVerdict {
	const view = new DataView(page.buffer, page.byteOffset, page.byteLength);
	const length = view.getUint16(offset);
	const crc = view.getUint32(offset + 2);
	return { state: stateOf(page, pageSize, length, crc), length, crc };
}

function stateOf(
	page: Uint8Array,
	pageSize: number,
	length: number,
	crc: number,
): SlotVerdict["state"] {
	if (length === 0) {
		return "empty";
	}
	if (length > pageSize) {
		return "overlong";
	}
	const actual = bitwiseCrc(CASTAGNOLI, page.subarray(0, length));
	return actual === crc ? "valid" : "mismatch";
}

/** As in commonware: the longer slot is authoritative, and the other one its fallback. */
export function chooseSlot(first: SlotVerdict, second: SlotVerdict): 0 | 1 | 2 {
	const order = first.length >= second.length ? [1, 2] : [2, 1];
	for (const slot of order) {
		const { state } = slot === 1 ? first : second;
		if (state === "empty") {
			return 0;
		}
		if (state === "valid") {
			return slot === 1 ? 1 : 2;
		}
	}
	return 0;
}

/**
 * Changes the four bytes of `bytes` before `end`: then `bytes` up to there has the CRC-32C
 * `wanted`.
 */
export function forge<Bytes extends Uint8Array>(
	bytes: Bytes,
	end: number,
	wanted: number,
): Bytes {
	const view = new DataView(bytes.buffer, bytes.byteOffset);
	const crcWith = (word: number) => {
		view.setUint32(end - 4, word);
		return slotFor(bytes, end).crc;
	};
	const zero = crcWith(0);
	const basis = Array.from({ length: 32 }, (_, bit) => {
		const word = 2 ** bit;
		return { word, effect: crcWith(word) ^ zero };
	});
	if (crcWith(solved(basis, wanted ^ zero)) !== wanted) {
		throw new Error("four bytes reach every CRC, so the solution is wrong");
	}
	return bytes;
}

/** The word whose bits' effects add up to `target`: Gaussian elimination over 32 bits. */
function solved(
	basis: readonly { word: number; effect: number }[],
	target: number,
): number {
	let rows = [...basis];
	let rest = target;
	let word = 0;
	for (let bit = 31; bit >= 0; bit -= 1) {
		const mask = 2 ** bit;
		const pivot = rows.find(({ effect }) => (effect & mask) !== 0);
		if (pivot === undefined) {
			continue;
		}
		const reduced = (row: { word: number; effect: number }) =>
			(row.effect & mask) === 0
				? row
				: { word: row.word ^ pivot.word, effect: row.effect ^ pivot.effect };
		rows = rows.filter((row) => row !== pivot).map(reduced);
		({ word, effect: rest } = reduced({ word, effect: rest }));
	}
	return word >>> 0;
}
