import type { FixedCodec } from "./codec.ts";
import type { Reader } from "./reader.ts";
import type { Writer } from "./writer.ts";

export const u8 = fixed<number>(
	1,
	(value, to) => to.u8(value),
	(from) => from.u8(),
);
export const u16 = fixed<number>(
	2,
	(value, to) => to.u16(value),
	(from) => from.u16(),
);
export const u32 = fixed<number>(
	4,
	(value, to) => to.u32(value),
	(from) => from.u32(),
);
export const u64 = fixed<bigint>(
	8,
	(value, to) => to.u64(value),
	(from) => from.u64(),
);
export const i8 = fixed<number>(
	1,
	(value, to) => to.i8(value),
	(from) => from.i8(),
);
export const i16 = fixed<number>(
	2,
	(value, to) => to.i16(value),
	(from) => from.i16(),
);
export const i32 = fixed<number>(
	4,
	(value, to) => to.i32(value),
	(from) => from.i32(),
);
export const i64 = fixed<bigint>(
	8,
	(value, to) => to.i64(value),
	(from) => from.i64(),
);
/** Rounds wider numbers to four bytes. As in f64, the bits of a NaN are not kept. */
export const f32 = fixed<number>(
	4,
	(value, to) => to.f32(value),
	(from) => from.f32(),
);
export const f64 = fixed<number>(
	8,
	(value, to) => to.f64(value),
	(from) => from.f64(),
);
export const bool = fixed<boolean>(
	1,
	(value, to) => to.bool(value),
	(from) => from.bool(),
);

function fixed<T>(
	size: number,
	write: (value: T, writer: Writer) => void,
	read: (reader: Reader) => T,
): FixedCodec<T> {
	return { size, sizeOf: () => size, write, read };
}
