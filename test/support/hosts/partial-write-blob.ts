import type { Bytes } from "../../../src/storage/blob-bytes.ts";
import type { StorageBlob } from "../../../src/storage/storage-blob.ts";
import { copyOf, DelegatingBlob } from "./delegating-blob.ts";

/** One of its writes, plain or range-synced, is torn: its first bytes are durable, and it fails. */
export class PartialWriteBlob extends DelegatingBlob {
	readonly #failOn: number;
	readonly #kept: number;
	writes = 0;
	/** The length of the torn write. */
	tornLength: number | undefined;

	/** Tears the `failOn`-th write, counted from 1, after `kept` bytes. */
	constructor(blob: StorageBlob, failOn: number, kept: number) {
		super(blob);
		this.#failOn = failOn;
		this.#kept = kept;
	}

	override async write(offset: number, bytes: Bytes): Promise<void> {
		await this.#tear(offset, bytes);
		await super.write(offset, bytes);
	}

	override async writeSync(offset: number, bytes: Bytes): Promise<void> {
		await this.#tear(offset, bytes);
		await super.writeSync(offset, bytes);
	}

	async #tear(offset: number, bytes: Bytes): Promise<void> {
		this.writes += 1;
		if (this.writes === this.#failOn) {
			const whole = copyOf(bytes);
			this.tornLength = whole.length;
			await super.writeSync(offset, whole.subarray(0, this.#kept));
			throw new Error("torn write");
		}
	}
}
