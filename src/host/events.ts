/** The place in a store where an event happened. */
interface EventPlace {
	/** The partition's name. */
	readonly partition: string;
	/** The blob's name in lower-case hex, as its file is called. */
	readonly blob?: string;
	/** The section's number, in decimal. */
	readonly section?: string;
}

/** A write buffer has another size than requested. */
interface BufferEvent extends EventPlace {
	/** 'buffer-raised' to the least that works, 'buffer-lowered' to what the window allows. */
	readonly kind: "buffer-raised" | "buffer-lowered";
	/** Bytes that were requested. */
	readonly asked: number;
	/** Bytes of the buffer. */
	readonly bytes: number;
}

/** The file of a blob was shorter than its header, and was made anew. */
interface BlobRecreated extends EventPlace {
	readonly kind: "blob-recreated";
	/** Bytes that the file had. */
	readonly bytes: number;
}

/** The removal of a section was found half done, and was repeated. */
interface RemovalRepeated extends EventPlace {
	readonly kind: "removal-repeated";
}

/** Pages that the last writer's crash left were cut from the end of a blob. */
interface PagesCut extends EventPlace {
	readonly kind: "pages-cut";
	/** As `cut` of the recovery report. */
	readonly why: "torn-tail" | "hole" | "nothing-valid";
	/** Logical bytes that remain. */
	readonly size: number;
	/** Whole pages that were cut. */
	readonly pages: number;
	/** Physical bytes that were cut. */
	readonly bytes: number;
	/** The copy's path in the store; absent where a torn write explains all of the cut. */
	readonly copy?: string;
}

/** Pages were found whose damage no torn write explains; they stay. */
interface PagesDamaged extends EventPlace {
	readonly kind: "pages-damaged";
	/** How many of them. */
	readonly pages: number;
}

/** The last page is read by its authoritative slot; the other slot does not validate. */
interface SlotFallback extends EventPlace {
	readonly kind: "slot-fallback";
	/** The page's number in its blob. */
	readonly page: number;
	/** The authoritative slot. */
	readonly slot: 1 | 2;
	/** The blob's logical bytes by that slot. */
	readonly size: number;
}

/** A first page without its second slot was completed. */
interface PageCompleted extends EventPlace {
	readonly kind: "page-completed";
	/** Physical bytes of the blob before. */
	readonly bytes: number;
}

/** In a store opened with `erase`, bytes that an earlier cut left in the last page were erased. */
interface CutErased extends EventPlace {
	readonly kind: "cut-erased";
	/** How many of them. */
	readonly bytes: number;
}

/** Entries, or values that no entry points at, were cut from the end of a section. */
interface EntriesCut extends EventPlace {
	readonly kind: "entries-cut";
	/** As `why` of the section's cut in the recovery report. */
	readonly why: readonly string[];
	/** Entries that remain. */
	readonly entriesKept: number;
	/** Entries that were cut. */
	readonly entriesCut: number;
	/** Bytes of entries that were cut, including pages that were cut before. */
	readonly bytes: number;
	/** Value bytes that were cut. */
	readonly valueBytes: number;
	/** The paths of the copies in the store. */
	readonly copies: readonly string[];
}

/** A partial item behind the last whole one was cut. */
interface ItemCut extends EventPlace {
	readonly kind: "item-cut";
	/** Where it began: the bytes that remain. */
	readonly offset: number;
	/** Bytes that were cut. */
	readonly bytes: number;
	/** The copy's path in the store; absent where a crash of dualslot explains it. */
	readonly copy?: string;
}

/** The values of a section that has no entries were removed. */
interface OrphanRemoved extends EventPlace {
	readonly kind: "orphan-removed";
	/** Bytes of values. */
	readonly bytes: number;
	/** The copy's path in the store; absent where a crash of dualslot explains it. */
	readonly copy?: string;
}

/** Entries or values are damaged in a way that no crash explains; nothing was cut. */
interface SectionDamaged extends EventPlace {
	readonly kind: "section-damaged";
}

/** The last writer crashed: blobs are searched for holes when they are opened. */
interface CrashFound {
	readonly kind: "crash-found";
}

/** The store held a part of an unfinished import, and was emptied. */
interface ImportEmptied {
	readonly kind: "import-emptied";
}

/** A file differs from what the last clean close left. */
interface ChangedOutside {
	readonly kind: "changed-outside";
	/** The file's path in the store. */
	readonly path: string;
	/** The difference, as in `changedOutside` of a recovery report. */
	readonly what: "missing" | "new" | "size" | "content";
}

/** The disk is full: a clean close left one of dualslot's own files unchanged, or removed it. */
interface RecordSkipped {
	readonly kind: "record-skipped";
	/** The file's path in the store. */
	readonly path: string;
}

/** A write found no room and was undone: the file is as before. */
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
	/** The tail's first byte. */
	readonly offset: number;
	/** Bytes that were cut. */
	readonly bytes: number;
	/** The copy's path in the store. */
	readonly copy?: string;
}

/** A snapshot that a crash left half written was found, and is not read. */
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

/** No checksum in frames.crc matched the frames: the file was begun anew. */
interface ChecksumsRestarted {
	readonly kind: "checksums-restarted";
	/** The file's path in the store. */
	readonly path: string;
	/** Bytes of the old file. */
	readonly bytes: number;
}

/** Frames that no GUID has any more were erased; a crash had prevented that. */
interface FramesErased {
	readonly kind: "frames-erased";
	/** How many of them. */
	readonly frames: number;
}

/** The system lacks a preferred feature, and the store does without. */
interface DoneWithout {
	/**
	 * 'direct-io-refused': frames go through the system's cache. 'room-refused': the platform
	 * promises no room on the disk. 'ring-refused': bytes are moved by calls.
	 */
	readonly kind: "direct-io-refused" | "room-refused" | "ring-refused";
	/** The file's path in the store; for a ring, the store's own directory. */
	readonly path: string;
}

/**
 * What a store found, repaired or did differently from the request: plain data, distinguished by
 * `kind`. docs/observing.md says when each event comes.
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
