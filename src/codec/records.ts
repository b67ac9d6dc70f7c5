import { kindOf } from "../checks.ts";
import {
	type Codec,
	checkCodec,
	type FixedCodec,
	type Infer,
} from "./codec.ts";

type Members = readonly Codec<unknown>[];
type FixedMembers = readonly FixedCodec<unknown>[];
type Fields = Readonly<Record<string, Codec<unknown>>>;
type FixedFields = Readonly<Record<string, FixedCodec<unknown>>>;

export type TupleOf<M extends Members> = {
	readonly [I in keyof M]: Infer<M[I]>;
};
export type StructOf<F extends Fields> = {
	readonly [K in keyof F]: Infer<F[K]>;
};

/** Names that JavaScript would reorder, or take for a prototype. */
const NO_FIELD = /^(\d+|__proto__)$/;

/**
 * A bool, then the value if there is one. `undefined` means none, so the value itself is never
 * undefined.
 */
export function option<T extends NonNullable<unknown> | null>(
	codec: Codec<T>,
): Codec<T | undefined> {
	checkCodec("what may be there", codec);
	return {
		sizeOf: (value) => 1 + (value === undefined ? 0 : codec.sizeOf(value)),
		write(value, writer) {
			writer.bool(value !== undefined);
			if (value !== undefined) {
				codec.write(value, writer);
			}
		},
		read: (reader) => (reader.bool() ? codec.read(reader) : undefined),
	};
}

/** Values one behind the other. */
export function tuple<const M extends FixedMembers>(
	...members: M
): FixedCodec<TupleOf<M>>;
export function tuple<const M extends Members>(
	...members: M
): Codec<TupleOf<M>>;
export function tuple(...members: Members): Codec<readonly unknown[]> {
	for (const [index, member] of members.entries()) {
		checkCodec(`member ${index}`, member);
	}
	return {
		...sizeOfAll(members, (values: readonly unknown[], visit) => {
			checkTuple(values, members.length);
			for (const [index, codec] of members.entries()) {
				visit(codec, values[index]);
			}
		}),
		write(values, writer) {
			checkTuple(values, members.length);
			for (const [index, codec] of members.entries()) {
				codec.write(values[index], writer);
			}
		},
		read: (reader) => members.map((codec) => codec.read(reader)),
	};
}

/**
 * Named values one behind the other, in the order of the fields.
 *
 * @throws {RangeError} for a name that a JavaScript object would not keep in its place.
 */
export function struct<F extends FixedFields>(
	fields: F,
): FixedCodec<StructOf<F>>;
export function struct<F extends Fields>(fields: F): Codec<StructOf<F>>;
export function struct(
	fields: Fields,
): Codec<Readonly<Record<string, unknown>>> {
	checkStruct(fields);
	const members = Object.entries(fields);
	const misnamed = members.find(([name]) => NO_FIELD.test(name));
	if (misnamed !== undefined) {
		throw new RangeError(`a field cannot be called ${misnamed[0]}`);
	}
	for (const [name, member] of members) {
		checkCodec(`field ${name}`, member);
	}
	const codecs = members.map(([, codec]) => codec);
	return {
		...sizeOfAll(codecs, (value: Readonly<Record<string, unknown>>, visit) => {
			checkStruct(value);
			for (const [name, codec] of members) {
				visit(codec, value[name]);
			}
		}),
		write(value, writer) {
			checkStruct(value);
			for (const [name, codec] of members) {
				codec.write(value[name], writer);
			}
		},
		read(reader) {
			const value: Record<string, unknown> = {};
			for (const [name, codec] of members) {
				value[name] = codec.read(reader);
			}
			return value;
		},
	};
}

type Visit = (codec: Codec<unknown>, value: unknown) => void;

/** The size of values with members, computed where not all members are fixed. */
function sizeOfAll<T>(
	members: Members,
	each: (value: T, visit: Visit) => void,
): Pick<Codec<T>, "size" | "sizeOf"> {
	let fixed: number | undefined = 0;
	for (const { size } of members) {
		fixed =
			size === undefined || fixed === undefined ? undefined : fixed + size;
	}
	const size = fixed;
	if (size !== undefined) {
		return { size, sizeOf: () => size };
	}
	return {
		sizeOf(value) {
			let sum = 0;
			each(value, (codec, member) => {
				sum += codec.sizeOf(member);
			});
			return sum;
		},
	};
}

function checkTuple(values: readonly unknown[], count: number): void {
	if (!Array.isArray(values)) {
		throw new TypeError(`an array was expected, not ${kindOf(values)}`);
	}
	if (values.length !== count) {
		throw new RangeError(`a tuple of ${count} has not ${values.length}`);
	}
}

function checkStruct(value: object): void {
	if (typeof value !== "object" || value === null) {
		throw new TypeError(`an object was expected, not ${kindOf(value)}`);
	}
}
