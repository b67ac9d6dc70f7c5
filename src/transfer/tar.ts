import { StorageError } from "../errors.ts";

/** Everything in a tar begins at a multiple of this size. */
export const BLOCK = 512;

/** One header of a tar. */
export interface TarHeader {
	/** '/' joins its parts; a directory's path does not end with one. */
	readonly path: string;
	readonly kind: "file" | "directory";
	/** Bytes of content, which follow it, padded to whole blocks. */
	readonly size: number;
}

/** A header block as found. A pax block before it takes precedence. */
export interface RawHeader {
	readonly path: string;
	readonly type: string;
	readonly size: number;
}

/** By keyword. */
export type PaxRecords = ReadonlyMap<string, string>;

const FILE = "0";
const DIRECTORY = "5";
export const PAX = "x";
const PAX_PATH = "././@PaxHeader";

const NAME = { at: 0, length: 100 };
const MODE = { at: 100, length: 8 };
const OWNER = { at: 108, length: 8 };
const GROUP = { at: 116, length: 8 };
const SIZE = { at: 124, length: 12 };
const TIME = { at: 136, length: 12 };
const CHECKSUM = { at: 148, length: 8 };
const TYPE = { at: 156, length: 1 };
const MAGIC = { at: 257, length: 8 };
const PREFIX = { at: 345, length: 155 };

type Field = typeof NAME;

/** The largest size in eleven octal digits: 8 GiB - 1. */
const OCTAL_SIZE_MAX = 8 ** 11 - 1;
const POSIX_MAGIC = "ustar\x0000";
const GNU_MAGIC = "ustar  \0";
const BASE_256 = 0x80;
const SPACE = 0x20;

/** Two blocks of zeros. */
export const END_OF_ARCHIVE: Uint8Array = new Uint8Array(2 * BLOCK);

/** How many zeros follow `size` bytes of content. */
export function paddingOf(size: number): number {
	return (BLOCK - (size % BLOCK)) % BLOCK;
}

/**
 * The blocks of a header (POSIX ustar), behind a pax header if the name or the size needs one. An
 * entry always gives the same bytes: owner, group and time are 0.
 */
export function encodeHeader({ path, kind, size }: TarHeader): Uint8Array {
	const isDirectory = kind === "directory";
	const name = isDirectory ? `${path}/` : path;
	const split = splitName(name);
	const records: string[] = [];
	if (split === undefined) {
		records.push(paxRecord("path", name));
	}
	if (size > OCTAL_SIZE_MAX) {
		records.push(paxRecord("size", String(size)));
	}
	const header = block({
		...(split ?? { prefix: "", name: name.slice(0, NAME.length) }),
		type: isDirectory ? DIRECTORY : FILE,
		mode: isDirectory ? 0o755 : 0o644,
		size: size > OCTAL_SIZE_MAX ? 0 : size,
	});
	return records.length === 0 ? header : withPax(records.join(""), header);
}

/**
 * Undefined for a block of zeros. Throws ERR_ARCHIVE, with `offset` as its place, for no header.
 */
export function decodeHeader(
	bytes: Uint8Array,
	offset: number,
): RawHeader | undefined {
	if (bytes.every((byte) => byte === 0)) {
		return undefined;
	}
	const expected = checksumOf(bytes);
	const found = octal(bytes, CHECKSUM);
	if (found !== expected) {
		const message = "a header whose checksum does not match";
		throw badArchive(message, offset, { expected, found: found ?? "none" });
	}
	const magic = latin(bytes, MAGIC);
	if (magic !== POSIX_MAGIC && magic !== GNU_MAGIC) {
		throw badArchive("a header that is not of a POSIX tar", offset);
	}
	const size = sizeIn(bytes);
	if (size === undefined) {
		throw badArchive("a header without a size", offset);
	}
	const prefix = magic === POSIX_MAGIC ? text(bytes, PREFIX, offset) : "";
	const name = text(bytes, NAME, offset);
	const type = latin(bytes, TYPE).replace("\0", FILE);
	return { path: prefix === "" ? name : `${prefix}/${name}`, type, size };
}

/**
 * Resolves a header with the pax records before it. Throws ERR_ARCHIVE unless it is a file or a
 * directory.
 */
export function resolveHeader(
	raw: RawHeader,
	records: PaxRecords,
	offset: number,
): TarHeader {
	const path = (records.get("path") ?? raw.path).replace(/^(\.\/)+/, "");
	if (path.includes("\0")) {
		throw badArchive("a name with a zero byte in it", offset);
	}
	const paxSize = records.get("size");
	const size = paxSize === undefined ? raw.size : decimal(paxSize);
	if (size === undefined) {
		throw badArchive(`a pax header with a size of ${paxSize}`, offset);
	}
	if (raw.type !== FILE && raw.type !== DIRECTORY) {
		const message = `${path}, which has type '${raw.type}' and is no file and no directory`;
		throw badArchive(message, offset, { found: raw.type });
	}
	const kind = raw.type === FILE ? "file" : "directory";
	if (kind === "directory" && size !== 0) {
		throw badArchive(`a directory ${path} of ${size} bytes`, offset);
	}
	return { path: path.replace(/\/$/, ""), kind, size };
}

/**
 * The records of a pax header: `length keyword=value\n`, one after the other. Throws ERR_ARCHIVE.
 */
export function decodePax(bytes: Uint8Array, offset: number): PaxRecords {
	const records = new Map<string, string>();
	for (let at = 0; at < bytes.length; ) {
		const space = bytes.indexOf(SPACE, at);
		const length = decimal(ascii(bytes.subarray(at, Math.max(at, space))));
		const record = ascii(bytes.subarray(space + 1, at + (length ?? 0)));
		const isWhole =
			length !== undefined &&
			at + length <= bytes.length &&
			record.endsWith("\n");
		const equals = record.indexOf("=");
		if (!isWhole || equals < 1) {
			throw badArchive("a pax header that cannot be read", offset + at);
		}
		records.set(record.slice(0, equals), record.slice(equals + 1, -1));
		at += length;
	}
	return records;
}

/** ERR_ARCHIVE; the offset is one of the archive's own bytes. */
export function badArchive(
	found: string,
	offset: number,
	place: { expected?: string | number; found?: string | number } = {},
): StorageError {
	return new StorageError(
		"ERR_ARCHIVE",
		`the archive cannot be imported: at its byte ${offset} (raw) it has ${found}`,
		{ offset, ...place },
	);
}

interface BlockFields {
	readonly prefix: string;
	readonly name: string;
	readonly type: string;
	readonly mode: number;
	readonly size: number;
}

function block({ prefix, name, type, mode, size }: BlockFields): Uint8Array {
	const bytes = new Uint8Array(BLOCK);
	put(bytes, NAME, name);
	putOctal(bytes, MODE, mode);
	putOctal(bytes, OWNER, 0);
	putOctal(bytes, GROUP, 0);
	putOctal(bytes, SIZE, size);
	putOctal(bytes, TIME, 0);
	put(bytes, TYPE, type);
	put(bytes, MAGIC, POSIX_MAGIC);
	put(bytes, PREFIX, prefix);
	const checksum = checksumOf(bytes).toString(8).padStart(6, "0");
	put(bytes, CHECKSUM, `${checksum}\0 `);
	return bytes;
}

function withPax(records: string, header: Uint8Array): Uint8Array {
	const pax = block({
		prefix: "",
		name: PAX_PATH,
		type: PAX,
		mode: 0o644,
		size: records.length,
	});
	const padded = records.length + paddingOf(records.length);
	const bytes = new Uint8Array(2 * BLOCK + padded);
	bytes.set(pax);
	bytes.set(new TextEncoder().encode(records), BLOCK);
	bytes.set(header, BLOCK + padded);
	return bytes;
}

/** A record's length counts its own digits. */
function paxRecord(keyword: string, value: string): string {
	const rest = ` ${keyword}=${value}\n`;
	let length = rest.length;
	while (String(length).length + rest.length !== length) {
		length = String(length).length + rest.length;
	}
	return `${length}${rest}`;
}

/** Splits a path into the name and prefix fields; undefined if it does not fit. */
function splitName(path: string): { prefix: string; name: string } | undefined {
	if (path.length <= NAME.length) {
		return { prefix: "", name: path };
	}
	const slash = path.indexOf("/");
	const prefix = path.slice(0, slash);
	const name = path.slice(slash + 1);
	const fits =
		name.length > 0 &&
		name.length <= NAME.length &&
		prefix.length <= PREFIX.length;
	return fits ? { prefix, name } : undefined;
}

/** The sum of all bytes, with spaces where the sum itself is. */
function checksumOf(bytes: Uint8Array): number {
	const sum = bytes.reduce((total, byte) => total + byte, 0);
	const own = bytes.subarray(CHECKSUM.at, CHECKSUM.at + CHECKSUM.length);
	return own.reduce((total, byte) => total - byte + SPACE, sum);
}

function sizeIn(bytes: Uint8Array): number | undefined {
	const field = fieldOf(bytes, SIZE);
	if (field[0] !== BASE_256) {
		return octal(bytes, SIZE);
	}
	const size = field
		.subarray(1)
		.reduce((number, byte) => number * 256 + byte, 0);
	return Number.isSafeInteger(size) ? size : undefined;
}

function octal(bytes: Uint8Array, field: Field): number | undefined {
	const digits = /^ *([0-7]+)[ \0]*$/.exec(latin(bytes, field))?.[1];
	return digits === undefined ? undefined : Number.parseInt(digits, 8);
}

function decimal(digits: string): number | undefined {
	const number = /^[0-9]{1,16}$/.test(digits) ? Number(digits) : Number.NaN;
	return Number.isSafeInteger(number) ? number : undefined;
}

function putOctal(bytes: Uint8Array, field: Field, value: number): void {
	put(bytes, field, `${value.toString(8).padStart(field.length - 1, "0")}\0`);
}

function put(bytes: Uint8Array, field: Field, value: string): void {
	bytes.set(new TextEncoder().encode(value), field.at);
}

function fieldOf(bytes: Uint8Array, { at, length }: Field): Uint8Array {
	return bytes.subarray(at, at + length);
}

/** A field up to its first zero. Only zeros may follow: a name must not be cut to another name. */
function text(bytes: Uint8Array, field: Field, offset: number): string {
	const whole = latin(bytes, field);
	const end = whole.indexOf("\0");
	const found = end < 0 ? whole : whole.slice(0, end);
	if (found.padEnd(whole.length, "\0") !== whole) {
		throw badArchive("a name with a zero byte in it", offset);
	}
	return found;
}

function latin(bytes: Uint8Array, field: Field): string {
	return ascii(fieldOf(bytes, field));
}

/** One character for each byte. Text that is not ASCII is neither a store's name nor a number. */
function ascii(bytes: Uint8Array): string {
	return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
}
