// Both formats are big-endian, wasm is little-endian: integers cross here and nowhere else.

export function loadU16(address: usize): u32 {
	return bswap<u16>(load<u16>(address));
}

export function loadU32(address: usize): u32 {
	return bswap<u32>(load<u32>(address));
}

/** The number of `width` bytes, up to 8. */
export function loadUnsigned(address: usize, width: u32): u64 {
	let value: u64 = 0;
	for (let at: u32 = 0; at < width; at++) {
		value = (value << 8) | (load<u8>(address + at) as u64);
	}
	return value;
}

export function storeU16(address: usize, value: u32): void {
	store<u16>(address, bswap<u16>(value as u16));
}

export function storeU32(address: usize, value: u32): void {
	store<u32>(address, bswap<u32>(value));
}

/** Whether all bytes from `address` on, up to `end`, are zeros. */
export function isZero(address: usize, end: usize): bool {
	let at = address;
	while (at < end && load<u8>(at) === 0) {
		at += 1;
	}
	return at === end;
}
