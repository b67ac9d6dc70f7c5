/** Where in a store an event has happened. */
interface EventPlace {
	/** The partition's name. */
	readonly partition: string;
	/** The blob's name in lower-case hex, as its file is called. */
	readonly blob?: string;
	/** The section's number, in decimal. */
	readonly section?: string;
}

/** A write buffer has another size than was asked for. */
interface BufferEvent extends EventPlace {
	/** 'buffer-raised' to the least that works, 'buffer-lowered' to what the window allows. */
	readonly kind: "buffer-raised" | "buffer-lowered";
	/** Bytes that were asked for. */
	readonly asked: number;
	/** Bytes that it has. */
	readonly bytes: number;
}

/** The file of a blob was shorter than its header, and was made anew. */
interface BlobRecreated extends EventPlace {
	readonly kind: "blob-recreated";
	/** Bytes that the file had. */
	readonly bytes: number;
}

/** The removal of a section was found half done, and was done again. */
interface RemovalRepeated extends EventPlace {
	readonly kind: "removal-repeated";
}

/** Pages were cut from the end of a blob, as the last writer's crash left them. */
interface PagesCut extends EventPlace {
	readonly kind: "pages-cut";
	/** As `cut` of the recovery report. */
	readonly why: "torn-tail" | "hole" | "nothing-valid";
	/** Logical bytes that stand. */
	readonly size: number;
	/** Whole pages that were cut. */
	readonly pages: number;
	/** Physical bytes that were cut. */
	readonly bytes: number;
	/** Where the store keeps a copy; absent where a torn write explains all of it. */
	readonly copy?: string;
}

/** A page of which no torn write explains the damage was found, and stays. */
interface PagesDamaged extends EventPlace {
	readonly kind: "pages-damaged";
	/** How many of them. */
	readonly pages: number;
}

/** The last page is read by the slot that counts: its other one does not validate. */
interface SlotFallback extends EventPlace {
	readonly kind: "slot-fallback";
	/** The page's number in its blob. */
	readonly page: number;
	/** The slot that counts. */
	readonly slot: 1 | 2;
	/** Logical bytes of the blob by that slot. */
	readonly size: number;
}

/** A first page that lacked its second slot was made whole. */
interface PageCompleted extends EventPlace {
	readonly kind: "page-completed";
	/** Physical bytes that the blob had. */
	readonly bytes: number;
}

/** In a store that erases, bytes that an earlier cut had left in the last page were erased. */
interface CutErased extends EventPlace {
	readonly kind: "cut-erased";
	/** How many of them. */
	readonly bytes: number;
}

/** Entries, or the values that none points at, were cut from the end of a section. */
interface EntriesCut extends EventPlace {
	readonly kind: "entries-cut";
	/** As `why` of the section's cut in the recovery report. */
	readonly why: readonly string[];
	/** Entries that stand. */
	readonly entriesKept: number;
	/** Entries that were cut. */
	readonly entriesCut: number;
	/** Bytes cut of entries, those of pages that were cut before included. */
	readonly bytes: number;
	/** Bytes cut of values. */
	readonly valueBytes: number;
	/** Where the store keeps copies. */
	readonly copies: readonly string[];
}

/** What was left of an item was cut behind the last whole one. */
interface ItemCut extends EventPlace {
	readonly kind: "item-cut";
	/** Where it began: the bytes that stand. */
	readonly offset: number;
	/** Bytes that were cut. */
	readonly bytes: number;
	/** Where the store keeps a copy; absent where a crash of dualslot explains it. */
	readonly copy?: string;
}

/** The values of a section that has no entries were removed. */
interface OrphanRemoved extends EventPlace {
	readonly kind: "orphan-removed";
	/** Bytes of values. */
	readonly bytes: number;
	/** Where the store keeps a copy; absent where a crash of dualslot explains it. */
	readonly copy?: string;
}

/** Entries or values are damaged in a way that no crash explains: nothing was cut for it. */
interface SectionDamaged extends EventPlace {
	readonly kind: "section-damaged";
}

/** The last writer crashed: blobs are searched for holes when they are opened. */
interface CrashFound {
	readonly kind: "crash-found";
}

/** The store held a part of an import that did not end, and was emptied. */
interface ImportEmptied {
	readonly kind: "import-emptied";
}

/** A file is not as the last clean close left it. */
interface ChangedOutside {
	readonly kind: "changed-outside";
	/** The file's path in the store. */
	readonly path: string;
	/** What differs, as `changedOutside` of a recovery report says it. */
	readonly what: "missing" | "new" | "size" | "content";
}

/** A clean close has left a file of dualslot's own as it was, or removed it: the disk is full. */
interface RecordSkipped {
	readonly kind: "record-skipped";
	/** The file's path in the store. */
	readonly path: string;
}

/** A write found no room, and was undone: the file is as it was before. */
interface WriteUndone {
	readonly kind: "write-undone";
	/** The file's path in the store. */
	readonly path: string;
}

/** The torn tail of a packed store's log was cut. */
interface LogCut {
	readonly kind: "log-cut";
	/** The log's path in the store. */
	readonly path: string;
	/** Where the tail began. */
	readonly offset: number;
	/** Bytes that were cut. */
	readonly bytes: number;
	/** Where the store keeps a copy. */
	readonly copy?: string;
}

/** A snapshot that a crash has left half made was found, and is not read. */
interface SnapshotSkipped {
	readonly kind: "snapshot-skipped";
	/** The file's path in the store. */
	readonly path: string;
}

/** A packed store's log was folded up into a snapshot. */
interface LogFolded {
	readonly kind: "log-folded";
	/** The snapshot's path in the store. */
	readonly path: string;
	/** Frames that the snapshot names. */
	readonly frames: number;
	/** Bytes of the snapshot. */
	readonly bytes: number;
	/** Bytes of the log that it replaces. */
	readonly logBytes: number;
}

/** No checksum in frames.crc was of the frames that there are: it was begun anew. */
interface ChecksumsRestarted {
	readonly kind: "checksums-restarted";
	/** The file's path in the store. */
	readonly path: string;
	/** Bytes that it had. */
	readonly bytes: number;
}

/** Frames that no GUID has any more were erased, which a crash had kept from being erased. */
interface FramesErased {
	readonly kind: "frames-erased";
	/** How many of them. */
	readonly frames: number;
}

/** What is preferred is not here, and the store does without it. */
interface DoneWithout {
	/**
	 * 'direct-io-refused': frames go through the system's cache. 'room-refused': the platform
	 * promises no room on the disk. 'ring-refused': bytes are moved by calls.
	 */
	readonly kind: "direct-io-refused" | "room-refused" | "ring-refused";
	/** The file's path in the store; of a ring, the store's own directory. */
	readonly path: string;
}

/**
 * What a store has found, repaired or done differently from what it was asked: plain data, told by
 * `kind`. docs/observing.md says when each of them comes.
 */
export type StoreEvent =
	| BufferEvent
	| BlobRecreated
	| RemovalRepeated
	| PagesCut
	| PagesDamaged
	| SlotFallback
	| PageCompleted
	| CutErased
	| EntriesCut
	| ItemCut
	| OrphanRemoved
	| SectionDamaged
	| CrashFound
	| ImportEmptied
	| ChangedOutside
	| RecordSkipped
	| WriteUndone
	| LogCut
	| SnapshotSkipped
	| LogFolded
	| ChecksumsRestarted
	| FramesErased
	| DoneWithout;
