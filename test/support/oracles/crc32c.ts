const POLYNOMIAL_REFLECTED = 0x82f63b78;

/** CRC-32C, a bit at a time and without a table: the check of the core's. */
export function crc32c(bytes: Uint8Array): number {
	let crc = 0xffffffff;
	for (const byte of bytes) {
		crc ^= byte;
		for (let bit = 0; bit < 8; bit += 1) {
			crc = (crc >>> 1) ^ (crc & 1 ? POLYNOMIAL_REFLECTED : 0);
		}
	}
	return (crc ^ 0xffffffff) >>> 0;
}
