import { newBytes } from "../../bytes.ts";
import { StorageError } from "../../errors.ts";
import { hasRoomFor, replaceFile } from "../../host/durable-file.ts";
import type { Host } from "../../host/host.ts";
import { readWhole } from "../../host/whole-read.ts";
import { endingWith } from "../../turns/endings.ts";

/** The most bytes that are read of an own file, or written to one. */
export const OWN_BYTES_MAX = 64 * 1024 * 1024;

/** Deeper nesting would take the call stack, or megabytes of tabs. */
const DEPTH_MAX = 16;

/** Stands for the bytes of a file that is not read. */
const TOO_MANY = Uint8Array.of(0);

/** CRC-32C of a text's UTF-8 bytes. */
export type TextChecksum = (text: string) => number;

/** An own file's content without format and checksum: anything that JSON can hold. */
export type OwnContent = Readonly<Record<string, unknown>>;

export interface OwnFileKind {
	readonly path: string;
	/** The format that is written. Earlier ones are read, later ones are ERR_VERSION. */
	readonly format: number;
	/**
	 * What the checksum of an earlier format covers, where that is not everything else in the file.
	 */
	readonly covered?: (content: OwnContent, format: number) => unknown;
}

/** An own file as found: its content, or why it cannot be trusted. */
export type OwnFinding = { readonly bytes: Uint8Array } & (
	| {
			readonly content: OwnContent;
			readonly format: number;
			readonly damage?: undefined;
	  }
	| { readonly content?: undefined; readonly damage: string }
);

/**
 * A file that dualslot leaves in a store beside the partitions, where commonware does not look. It
 * is JSON: its format, a checksum, and its content. One meaning has one text, so that one flipped
 * bit is noticed. In later formats too the checksum covers the document without it, as JSON without
 * spaces: so a later format is told from damage.
 */
export class OwnFile {
	readonly #host: Host;
	readonly #checksum: TextChecksum;
	readonly #kind: OwnFileKind;

	constructor(host: Host, checksum: TextChecksum, kind: OwnFileKind) {
		this.#host = host;
		this.#checksum = checksum;
		this.#kind = kind;
	}

	/** Undefined where the file is missing. Throws ERR_VERSION. Checks the size before it reads. */
	async read(): Promise<OwnFinding | undefined> {
		const { path } = this.#kind;
		const file = await this.#host.open(path, "read");
		if (file === undefined) {
			return undefined;
		}
		const read = async () => {
			const size = await file.size();
			if (size > OWN_BYTES_MAX) {
				const damage = `it has ${size} bytes, more than ${OWN_BYTES_MAX}`;
				return { damage, bytes: TOO_MANY };
			}
			const bytes = newBytes(size);
			await readWhole(file, path, bytes, 0);
			return this.judge(bytes);
		};
		return endingWith(read, () => file.close());
	}

	/** Checks bytes that are an own file's, or will become one. Throws ERR_VERSION. */
	judge(bytes: Uint8Array): OwnFinding {
		const text = textOf(bytes);
		const document = text === undefined ? undefined : objectIn(text);
		if (document === undefined) {
			return { damage: "it is no JSON object", bytes };
		}
		const { format: found, checksum, ...content } = document;
		const format = Number(found);
		const isSaid =
			format >= 1 && checksum === this.#checksumOf(content, format);
		if (!isSaid) {
			return { damage: "its text and its checksum disagree", bytes };
		}
		if (format > this.#kind.format) {
			throw this.#laterVersion(format);
		}
		// Texts compare faster than bytes.
		return text === textFor({ format, checksum, ...content })
			? { content, format, bytes }
			: { damage: "its text is not as it was written", bytes };
	}

	/** Whether `content` is what was found. */
	is(content: OwnContent, { bytes }: OwnFinding): boolean {
		return sameBytes(bytes, this.encode(content));
	}

	/** Replaces the file whole, durably. */
	async write(content: OwnContent): Promise<void> {
		await replaceFile(this.#host, this.#kind.path, this.encode(content));
	}

	/**
	 * As write, unless `content` is what was found. Where the disk has no room, it removes the file
	 * durably, since its old content is wrong by now, and returns false.
	 */
	async update(content: OwnContent, found?: OwnFinding): Promise<boolean> {
		const bytes = this.encode(content);
		if (found !== undefined && sameBytes(bytes, found.bytes)) {
			return true;
		}
		const replace = () => replaceFile(this.#host, this.#kind.path, bytes);
		const hasRoom = await hasRoomFor(this.#host, replace);
		if (!hasRoom) {
			await this.removeDurably();
		}
		return hasRoom;
	}

	/**
	 * The content's bytes, in the format that is written. Throws ERR_CONFIG for more bytes than a
	 * read accepts.
	 */
	encode(content: OwnContent): Uint8Array {
		const { path, format } = this.#kind;
		const checksum = this.#checksumOf(content, format);
		const text = textFor({ format, checksum, ...content });
		const bytes = new TextEncoder().encode(text);
		if (bytes.length > OWN_BYTES_MAX) {
			throw new StorageError(
				"ERR_CONFIG",
				`${path} has no room for all that it is to say`,
				{ path, expected: OWN_BYTES_MAX, found: bytes.length },
			);
		}
		return bytes;
	}

	/** Durable after syncDirectory. */
	async remove(): Promise<void> {
		await this.#host.remove(this.#kind.path);
	}

	async removeDurably(): Promise<void> {
		await this.remove();
		await this.#host.syncDirectory("");
	}

	#checksumOf(content: OwnContent, format: number): string {
		const covered = this.#kind.covered?.(content, format) ?? {
			format,
			...content,
		};
		const checksum = this.#checksum(JSON.stringify(covered));
		return checksum.toString(16).padStart(8, "0");
	}

	#laterVersion(found: number): StorageError {
		const { path, format } = this.#kind;
		return new StorageError(
			"ERR_VERSION",
			`${path} is of format ${found}, written by a later version of dualslot; this one knows ${format}`,
			{ path, expected: format, found },
		);
	}
}

/** One meaning has one text. */
function textFor(document: OwnContent): string {
	return `${JSON.stringify(document, null, "\t")}\n`;
}

/** Undefined for bytes that are no UTF-8. */
function textOf(bytes: Uint8Array): string | undefined {
	try {
		return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(
			bytes,
		);
	} catch {
		return undefined;
	}
}

/** Undefined where it is no JSON, no object, or nested deeper than any own file. */
function objectIn(text: string): Record<string, unknown> | undefined {
	try {
		const value: unknown = JSON.parse(text);
		return typeof value === "object" && isShallow(value, DEPTH_MAX)
			? { ...value }
			: undefined;
	} catch {
		return undefined;
	}
}

function isShallow(value: unknown, levels: number): boolean {
	if (typeof value !== "object" || value === null) {
		return true;
	}
	const inner = Object.values(value);
	return levels > 0 && inner.every((one) => isShallow(one, levels - 1));
}

function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
	if (one.length !== other.length) {
		return false;
	}
	for (let at = 0; at < one.length; at += 1) {
		if (one[at] !== other[at]) {
			return false;
		}
	}
	return true;
}
