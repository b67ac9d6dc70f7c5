import { ownBytes } from "../checks.ts";
import { readFrame } from "../compression/frame.ts";
import type { Core } from "../core/core.ts";
import { asStorageError, type StorageError } from "../errors.ts";
import type { Zstd } from "../host/zstd.ts";
import type { Form } from "./form.ts";

/** How the values of a partition are compressed. */
export interface Compression {
	readonly zstd: Zstd;
	readonly level: number;
	/** The most bytes of a value before compression. Reads take no more memory than that. */
	readonly sizeMax: number;
	readonly partition: string;
	/** The error for a larger value. */
	readonly tooLarge: (size: number) => StorageError;
}

/** Values in some form, each compressed to one zstd frame. */
export class CompressedForm<T> implements Form<T> {
	/** A frame's size is known once it is made. */
	readonly isMadeFirst = true;
	readonly #form: Form<T>;
	readonly #compression: Compression;

	constructor(form: Form<T>, compression: Compression) {
		this.#form = form;
		this.#compression = compression;
	}

	sizeOf(value: T): number {
		return this.bytesOf(value).length;
	}

	bytesOf(value: T): Uint8Array {
		const { zstd, level, sizeMax, tooLarge } = this.#compression;
		const size = this.#form.sizeOf(value);
		if (size > sizeMax) {
			throw tooLarge(size);
		}
		const frame = zstd.compress(ownBytes(this.#form.bytesOf(value)), level);
		// Rejects a frame that could not be read again.
		return readFrame(frame).bytes;
	}

	put(core: Core, address: number, _size: number, value: T): void {
		core.write(address, this.bytesOf(value));
	}

	read(bytes: Uint8Array, section: bigint, offset: number): T {
		const content = this.contentOf(bytes, section, offset);
		return this.#form.read(content, section, offset);
	}

	contentOf(bytes: Uint8Array, section: bigint, offset: number): Uint8Array {
		const { partition } = this.#compression;
		try {
			return this.#decompress(bytes);
		} catch (error) {
			const where = `of the value at ${offset} of section ${section} of ${partition}`;
			throw asStorageError(
				error,
				"ERR_DECOMPRESSION",
				`decompression failed ${where}`,
				{ partition, section, offset },
			);
		}
	}

	#decompress(bytes: Uint8Array): Uint8Array {
		const { zstd, sizeMax } = this.#compression;
		const frame = readFrame(bytes);
		const { least, contentSize } = frame;
		refuseOver(sizeMax, contentSize ?? least);
		const content = zstd.decompress(frame, sizeMax);
		refuseOver(sizeMax, content.length);
		if (contentSize !== undefined && content.length !== contentSize) {
			throw new RangeError(
				`it says ${contentSize} bytes, and holds ${content.length}`,
			);
		}
		return content;
	}
}

function refuseOver(sizeMax: number, size: number): void {
	if (size > sizeMax) {
		throw new RangeError(`it holds ${size} bytes, and ${sizeMax} are allowed`);
	}
}
