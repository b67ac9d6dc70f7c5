export { decode, encode } from "./codec.ts";
export {
	bool,
	f32,
	f64,
	i8,
	i16,
	i32,
	i64,
	u8,
	u16,
	u32,
	u64,
} from "./numbers.ts";
export { option, struct, tuple } from "./records.ts";
export { array, bytes, fixedBytes, string } from "./sequences.ts";
export {
	svarint16,
	svarint32,
	svarint64,
	uvarint16,
	uvarint32,
	uvarint64,
} from "./varints.ts";
