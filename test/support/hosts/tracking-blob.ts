import type { Bytes } from "../../../src/storage/blob-bytes.ts";
import type { StorageBlob } from "../../../src/storage/storage-blob.ts";
import { toHex } from "../runs/bytes.ts";
import { copyOf, DelegatingBlob } from "./delegating-blob.ts";

export type BlobCall =
	| {
			readonly kind: "write" | "range-sync";
			readonly offset: number;
			readonly bytes: Uint8Array;
	  }
	| { readonly kind: "resize"; readonly size: number }
	| { readonly kind: "sync" };

/** Plain and range-synced writes, full syncs, range syncs. */
export type CallCounts = readonly [
	writes: number,
	fullSyncs: number,
	rangeSyncs: number,
];

/** The calls that succeeded on a blob, over all its handles, and the bytes that are durable. */
export class BlobLog {
	readonly calls: BlobCall[] = [];
	durable: Uint8Array = new Uint8Array();
	/** If set, every sync fails with it. */
	syncFailure: Error | undefined;

	get counts(): CallCounts {
		const count = (kind: BlobCall["kind"]) =>
			this.calls.filter((call) => call.kind === kind).length;
		return [
			count("write") + count("range-sync"),
			count("sync"),
			count("range-sync"),
		];
	}

	/** The calls since the last one taken, without their bytes. */
	takeOrder(): string[] {
		return this.take().map((call) => placeOf(call));
	}

	/** The calls since the last one taken, with their bytes in hex. */
	takeBytes(): string[] {
		return this.take().map((call) =>
			"bytes" in call ? `${placeOf(call)} ${toHex(call.bytes)}` : placeOf(call),
		);
	}

	take(): BlobCall[] {
		return this.calls.splice(0);
	}
}

function placeOf(call: BlobCall): string {
	switch (call.kind) {
		case "sync":
			return "sync";
		case "resize":
			return `resize ${call.size}`;
		default:
			return `${call.kind} [${call.offset},${call.offset + call.bytes.length})`;
	}
}

/** Logs the mutations of a blob. */
export class TrackingBlob extends DelegatingBlob {
	readonly #log: BlobLog;

	constructor(blob: StorageBlob, log: BlobLog) {
		super(blob);
		this.#log = log;
	}

	override async write(offset: number, bytes: Bytes): Promise<void> {
		const copy = copyOf(bytes);
		await super.write(offset, bytes);
		this.#log.calls.push({ kind: "write", offset, bytes: copy });
	}

	override async writeSync(offset: number, bytes: Bytes): Promise<void> {
		const copy = copyOf(bytes);
		if (this.#log.syncFailure !== undefined) {
			await super.write(offset, bytes);
			throw this.#log.syncFailure;
		}
		await super.writeSync(offset, bytes);
		this.#log.calls.push({ kind: "range-sync", offset, bytes: copy });
		await this.#settle();
	}

	override async resize(size: number): Promise<void> {
		await super.resize(size);
		this.#log.calls.push({ kind: "resize", size });
	}

	override async sync(): Promise<void> {
		if (this.#log.syncFailure !== undefined) {
			throw this.#log.syncFailure;
		}
		await super.sync();
		this.#log.calls.push({ kind: "sync" });
		await this.#settle();
	}

	async #settle(): Promise<void> {
		this.#log.durable = await this.blob.read(0, this.blob.size);
	}
}
