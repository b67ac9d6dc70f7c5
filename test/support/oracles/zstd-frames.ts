const MAGIC = [0x28, 0xb5, 0x2f, 0xfd];
const BLOCK_MAX = 128 * 1024;

/**
 * A frame of `size` zeros. It declares the number `says`; without that, `window` is its window's
 * exponent.
 */
export function framedZeros(
	size: number,
	{
		says,
		window = 7,
	}: { readonly says?: number; readonly window?: number } = {},
): Uint8Array {
	const header =
		says === undefined ? [0, window << 3] : [0b1010_0000, ...little(says, 4)];
	const blocks: number[] = [];
	let left = size;
	do {
		const run = Math.min(left, BLOCK_MAX);
		left -= run;
		const isLast = left === 0 ? 1 : 0;
		blocks.push(...little((run << 3) | (1 << 1) | isLast, 3), 0);
	} while (left > 0);
	return Uint8Array.from([...MAGIC, ...header, ...blocks]);
}

function little(value: number, width: number): number[] {
	return Array.from({ length: width }, (_, at) => (value >>> (8 * at)) & 0xff);
}
