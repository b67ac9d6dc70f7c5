import { fingerprintOfBytes } from "../fingerprint.ts";
import type { SlotReaders } from "../frames/slot-readers.ts";
import type { PackedParts } from "../open.ts";
import type { Delta } from "./manifest-log.ts";
import { compact, isCompactionDue, SNAPSHOT_PATH } from "./snapshot.ts";

type ChangeParts = Pick<
	PackedParts,
	| "host"
	| "observer"
	| "counters"
	| "core"
	| "buffer"
	| "manifest"
	| "log"
	| "free"
	| "checksums"
	| "erasure"
	| "poison"
>;

/** A GUID, its new frame and its slot. */
export interface Placed<Source> {
	readonly guid: Uint8Array;
	readonly source: Source;
	readonly slot: bigint;
}

/** A frame that was written, with its checksum where those are kept. */
export interface Written extends Omit<Placed<unknown>, "source"> {
	readonly crc: number | undefined;
}

/**
 * The changes of the manifest since the last flush. A slot that a change has freed is not taken
 * again before the change is durable: until then the log on the disk still names it.
 */
export class ManifestChanges {
	readonly #parts: ChangeParts;
	readonly #readers: SlotReaders;
	#deltas: Delta[] = [];
	#freed: bigint[] = [];

	constructor(parts: ChangeParts, readers: SlotReaders) {
		this.#parts = parts;
		this.#readers = readers;
	}

	/** Whether the log lacks a change, or a frame is to be erased. */
	get arePending(): boolean {
		return this.#deltas.length > 0 || (this.#parts.erasure?.isPending ?? false);
	}

	/** Points GUIDs at the slots of their new frames, and frees their old slots. */
	put(written: readonly Written[]): void {
		const { manifest, checksums } = this.#parts;
		for (const { guid, slot, crc } of written) {
			const before = manifest.put(guid, slot);
			if (before !== undefined && before !== slot) {
				this.#free(before);
			}
			if (crc !== undefined) {
				checksums?.set(Number(slot), crc);
			}
			this.#deltas.push({ guid, slot, crc });
		}
	}

	delete(guid: Uint8Array): boolean {
		const slot = this.#parts.manifest.remove(guid);
		if (slot === undefined) {
			return false;
		}
		this.#free(slot);
		this.#deltas.push({ guid, slot: undefined });
		return true;
	}

	/**
	 * Places in-place writes in the slots of their GUIDs; `taken` are new slots for GUIDs that had
	 * none.
	 */
	placeInPlace<Source>(writes: readonly Omit<Placed<Source>, "slot">[]): {
		placed: Placed<Source>[];
		taken: bigint[];
	} {
		const { manifest, free } = this.#parts;
		const fresh = new Map<string, bigint>();
		const placed = writes.map(({ guid, source }) => {
			const key = guid.join();
			const slot = manifest.find(guid) ?? fresh.get(key) ?? free.take();
			if (manifest.find(guid) === undefined) {
				fresh.set(key, slot);
			}
			return { guid, source, slot };
		});
		return { placed, taken: [...fresh.values()] };
	}

	/** Makes the checksums of new frames durable, before the log names the frames. */
	async persistChecksums(): Promise<void> {
		const { checksums, log } = this.#parts;
		if (checksums !== undefined && this.#deltas.length > 0) {
			await checksums.write(this.#deltas, log.size);
			await checksums.sync();
		}
	}

	/**
	 * Appends the changes to the log, durably, and folds the log up when it has grown long. Frames
	 * are erased in between: while the log on the disk names a frame, a crash may bring it back.
	 */
	async persist(): Promise<void> {
		const { log, manifest, erasure } = this.#parts;
		const hasChanged = this.#deltas.length > 0;
		if (hasChanged) {
			await log.append(this.#deltas);
			this.#deltas = [];
			this.#readers.free(this.#freed);
			this.#freed = [];
		}
		await erasure?.run();
		if (hasChanged && isCompactionDue(log.size, manifest.size)) {
			await this.#compact();
		}
	}

	async #compact(): Promise<void> {
		const { host, core, buffer, manifest, log, free, checksums, poison } =
			this.#parts;
		manifest.nextSlot = free.next;
		const snapshot = manifest.snapshot();
		await checksums?.beforeSnapshot(
			fingerprintOfBytes(core, snapshot, buffer),
			await log.fingerprint(buffer),
		);
		const logBytes = log.size;
		await compact(host, snapshot, log, poison);
		manifest.forgetPositions();
		checksums?.afterSnapshot();
		this.#parts.counters.folded();
		this.#parts.observer.event({
			kind: "log-folded",
			path: SNAPSHOT_PATH,
			logBytes,
			frames: manifest.size,
			bytes: snapshot.length,
		});
	}

	#free(slot: bigint): void {
		this.#freed.push(slot);
		this.#parts.checksums?.forget(Number(slot));
	}
}
