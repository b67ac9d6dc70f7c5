// Slicing by 16. Table k of a polynomial holds, for each byte, its remainder with k zero bytes
// after it, so that the remainder of sixteen bytes is the sum of sixteen lookups that do not wait
// for each other.
const TABLE_SIZE: usize = 1024;
const TABLES: usize = 16;

/** Tables of CRC-32C (Castagnoli): the checksum of pages, headers and records. */
export const CASTAGNOLI = memory.data(16384, 64);
/** Tables of CRC-32/ISO-HDLC: the checksum of zlib, and of the packed store. */
export const ISO_HDLC = memory.data(16384, 64);

fillTables(CASTAGNOLI, 0x82f63b78);
fillTables(ISO_HDLC, 0xedb88320);

// Filled when the module starts: 32 KiB of tables take some 50 us, and the module stays small
// enough to inline.
function fillTables(tables: usize, polynomial: u32): void {
	for (let byte: u32 = 0; byte < 256; byte++) {
		let remainder = byte;
		for (let bit = 0; bit < 8; bit++) {
			remainder = (remainder >>> 1) ^ (polynomial & -(remainder & 1));
		}
		store<u32>(tables + (byte << 2), remainder);
	}
	const last = tables + (TABLES - 1) * TABLE_SIZE;
	for (let entry = tables; entry < last; entry += 4) {
		store<u32>(entry, afterByte(tables, load<u32>(entry), 0), TABLE_SIZE);
	}
}

/** The running remainder after one more byte. */
export function afterByte(tables: usize, remainder: u32, byte: u32): u32 {
	return (
		(remainder >>> 8) ^ load<u32>(tables + (((remainder ^ byte) & 255) << 2))
	);
}

/** The running remainder of CRC-32C after `length` more bytes at `address`. */
export function afterBytesCastagnoli(
	remainder: u32,
	address: usize,
	length: usize,
): u32 {
	const end = address + length;
	while (address + 16 <= end) {
		remainder =
			fourBytes(CASTAGNOLI + 12 * TABLE_SIZE, remainder ^ load<u32>(address)) ^
			fourBytes(CASTAGNOLI + 8 * TABLE_SIZE, load<u32>(address, 4)) ^
			fourBytes(CASTAGNOLI + 4 * TABLE_SIZE, load<u32>(address, 8)) ^
			fourBytes(CASTAGNOLI, load<u32>(address, 12));
		address += 16;
	}
	while (address + 4 <= end) {
		remainder = fourBytes(CASTAGNOLI, remainder ^ load<u32>(address));
		address += 4;
	}
	while (address < end) {
		remainder = afterByte(CASTAGNOLI, remainder, load<u8>(address));
		address += 1;
	}
	return remainder;
}

/**
 * As afterBytesCastagnoli. With constant addresses of its tables, each is a seventh faster than one
 * function for both.
 */
export function afterBytesIso(
	remainder: u32,
	address: usize,
	length: usize,
): u32 {
	const end = address + length;
	while (address + 16 <= end) {
		remainder =
			fourBytes(ISO_HDLC + 12 * TABLE_SIZE, remainder ^ load<u32>(address)) ^
			fourBytes(ISO_HDLC + 8 * TABLE_SIZE, load<u32>(address, 4)) ^
			fourBytes(ISO_HDLC + 4 * TABLE_SIZE, load<u32>(address, 8)) ^
			fourBytes(ISO_HDLC, load<u32>(address, 12));
		address += 16;
	}
	while (address + 4 <= end) {
		remainder = fourBytes(ISO_HDLC, remainder ^ load<u32>(address));
		address += 4;
	}
	while (address < end) {
		remainder = afterByte(ISO_HDLC, remainder, load<u8>(address));
		address += 1;
	}
	return remainder;
}

// The first byte has the most bytes after it.
function fourBytes(tables: usize, bytes: u32): u32 {
	return (
		load<u32>(tables + ((bytes & 255) << 2), 3 * TABLE_SIZE) ^
		load<u32>(tables + (((bytes >>> 8) & 255) << 2), 2 * TABLE_SIZE) ^
		load<u32>(tables + (((bytes >>> 16) & 255) << 2), TABLE_SIZE) ^
		load<u32>(tables + ((bytes >>> 24) << 2))
	);
}
