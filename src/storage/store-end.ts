import { failingAs, type StorageError } from "../errors.ts";
import { closed } from "../refusals.ts";
import { endingAll, endingWith } from "../turns/endings.ts";
import { letGo } from "../turns/lifecycle.ts";
import type { Mutex } from "../turns/mutex.ts";
import type { Quiescent } from "../turns/stillness.ts";
import type { StorageParts } from "./open.ts";
import { RECORD_FILE } from "./own-files/close-record.ts";
import { CONFIG_FILE } from "./own-files/config-content.ts";
import { MARKER_FILE } from "./own-files/marker.ts";
import type { Owners } from "./owners.ts";
import type { Partitions } from "./partitions.ts";

/** A part that a store ends before it closes, or holds still while it is exported. */
export interface Handle extends Partial<Quiescent> {
	close(): Promise<void>;
	drop(): Promise<void>;
}

/** The parts of a store that its end needs. */
export interface EndedParts extends StorageParts {
	readonly owners: Owners;
	readonly partitions: Partitions;
	/** Handles that must end before the store does. */
	readonly handles: Set<Handle>;
	/** The store's mutex. */
	readonly turn: Mutex;
	/** Whether the store holds a part of an import. */
	readonly isHalfImported: () => boolean;
}

/** How a store ends: its handles first, then its marker, then its memory and its lock. */
export class StoreEnd {
	readonly #parts: EndedParts;
	/** Set once by close or drop. */
	#ending: Promise<void> | undefined;
	/** Set before the memory and the lock go back. */
	#isOver = false;

	constructor(parts: EndedParts) {
		this.#parts = parts;
	}

	/**
	 * Syncs and closes every handle, removes the marker and releases the lock. Rejects with the first
	 * failure when a sync failed: all is released even then. The marker stays then, and where the
	 * disk has no room to remove it, for recovery to find.
	 */
	close(): Promise<void> {
		this.#ending ??= endingWith(
			() => this.#closeHandles(),
			() => this.#giveBack(),
		);
		return this.#ending;
	}

	/**
	 * Releases everything as a crash of this process would: nothing is synced, the marker stays, the
	 * lock is free.
	 */
	drop(): Promise<void> {
		this.#ending ??= this.#drop();
		return this.#ending;
	}

	/** Throws ERR_CLOSED as soon as the store is being closed or dropped. */
	refuseIfBegun(): void {
		if (this.#ending !== undefined) {
			throw this.#closedError();
		}
	}

	/** Throws ERR_CLOSED once the memory may be another store's. */
	refuseIfOver(): void {
		if (this.#isOver) {
			throw this.#closedError();
		}
	}

	#drop(): Promise<void> {
		this.#parts.left.end();
		return endingWith(
			() => this.#letGo((handle) => handle.drop()),
			() => this.#giveBack(),
		);
	}

	async #closeHandles(): Promise<void> {
		await this.#letGo((handle) => handle.close());
		const { hasMetadata, readOnly, isHalfImported } = this.#parts;
		if (hasMetadata && !readOnly && !isHalfImported()) {
			await failingAs("ERR_IO", "the marker was not lowered", {}, () =>
				this.#closeClean(),
			);
		}
	}

	async #closeClean(): Promise<void> {
		const { config, left, marker, partitions } = this.#parts;
		const hasRoom = await config.settle();
		this.#tellUnless(hasRoom, CONFIG_FILE);
		if (hasRoom) {
			const isDurable = (name: string) => partitions.isDurable(name);
			this.#tellUnless(await left.write(isDurable), RECORD_FILE);
			const blobs = await this.#blobsOwed();
			this.#tellUnless(await marker.lower(blobs), MARKER_FILE);
		}
	}

	/** Reports a file that the disk had no room for. */
	#tellUnless(isWritten: boolean, path: string): void {
		if (!isWritten) {
			this.#parts.observer.event({ kind: "record-skipped", path });
		}
	}

	#giveBack(): Promise<void> {
		this.#isOver = true;
		const { host, held } = this.#parts;
		const path = host.location;
		return failingAs("ERR_IO", `${path} was not given back`, { path }, () =>
			letGo(held),
		);
	}

	/** The paths of all blobs that a crash before this open can have left with a hole. */
	async #blobsOwed(): Promise<string[]> {
		const { config, host, marker } = this.#parts;
		if (!marker.foundCrash) {
			return [];
		}
		const paths: string[] = [];
		for (const partition of config.pagedPartitions()) {
			const entries = (await host.list(partition)) ?? [];
			for (const { name } of entries) {
				paths.push(`${partition}/${name}`);
			}
		}
		return paths.filter((path) => marker.owes(path));
	}

	/**
	 * Ends every handle, the youngest first: a handle ends before those it uses. Throws the first
	 * failure, at the end.
	 */
	async #letGo(end: (handle: Handle) => Promise<void>): Promise<void> {
		const { owners, turn, handles } = this.#parts;
		// An open under way still registers its handle, or is refused at its next step.
		await owners.settle();
		await turn.run(async () => undefined);
		const youngest = [...handles].reverse();
		await endingAll(youngest.map((handle) => () => end(handle)));
	}

	#closedError(): StorageError {
		const path = this.#parts.host.location;
		return closed(path, { path });
	}
}
