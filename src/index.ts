export type { Codec, FixedCodec, Infer } from "./codec/codec.ts";
export * as codec from "./codec/index.ts";
export type { LengthRange } from "./codec/ranges.ts";
export type { Reader } from "./codec/reader.ts";
export type { Writer } from "./codec/writer.ts";
export type { SlotVerdict } from "./core/answers.ts";
export {
	type ErrorPlace,
	StorageError,
	type StorageErrorCode,
} from "./errors.ts";
export { AuditedHost } from "./host/audited.ts";
export type { StoreEvent } from "./host/events.ts";
export { type FaultRates, FaultyHost } from "./host/faulty.ts";
export type {
	FileTraits,
	Host,
	HostCapabilities,
	HostEntry,
	HostFile,
	HostLock,
	HostOpenOptions,
	HostWriteOptions,
	LockState,
	OpenMode,
} from "./host/host.ts";
export type { Histogram } from "./host/latency.ts";
export { MeteredHost } from "./host/metering.ts";
export type { ObserverOptions } from "./host/observer.ts";
export type {
	FileLatencies,
	JournalStats,
	LabelledStats,
	PackedStats,
	StoreStats,
} from "./host/stats.ts";
export type { StorageStats } from "./host/storage-stats.ts";
export type { Zstd, ZstdFrame } from "./host/zstd.ts";
export type {
	EntryBatch,
	EntryReplay,
	EntryReplayOptions,
	ReplayedEntry,
} from "./journal/entries/entry-replay.ts";
export {
	FixedJournal,
	type FixedJournalOptions,
} from "./journal/entries/fixed-journal.ts";
export type { ItemPlace } from "./journal/items/item.ts";
export type { ItemBatch, ReplayedItem } from "./journal/items/item-batch.ts";
export type {
	ItemReplay,
	ItemReplayOptions,
	TornTail,
} from "./journal/items/item-replay.ts";
export type { TailCut, VariableRecovery } from "./journal/items/item-report.ts";
export type { VariableJournalOptions } from "./journal/items/item-sections.ts";
export { VariableJournal } from "./journal/items/variable-journal.ts";
export { OversizedJournal } from "./journal/oversized/oversized-journal.ts";
export type { OversizedJournalOptions } from "./journal/oversized/oversized-options.ts";
export type { AppendedValue } from "./journal/oversized/oversized-section.ts";
export type { PairBatch } from "./journal/oversized/pair-batch.ts";
export type {
	PairReplay,
	PairReplayOptions,
	ReplayedPair,
} from "./journal/oversized/pair-replay.ts";
export type {
	CutReason,
	JournalRecovery,
	LosingSlot,
	OrphanSection,
	SectionCut,
} from "./journal/report.ts";
export type { Section } from "./journal/section.ts";
export { OPEN_SECTIONS } from "./journal/section-slots.ts";
export { Glob, type GlobOptions } from "./journal/values/glob.ts";
export type { ValuePlace } from "./journal/values/value.ts";
export type {
	CoverOptions,
	PackedCapabilities,
	ReadManyOptions,
	ReadRangeOptions,
	WriteManyOptions,
} from "./packed/call-options.ts";
export type { Frame, FrameSource } from "./packed/frames/frame.ts";
export type { LeaseOptions } from "./packed/frames/frame-pool.ts";
export type { ChecksumCoverage } from "./packed/frames/slot-checksums.ts";
export type { Guid } from "./packed/guid.ts";
export type { DirectIO, PackedStoreOptions } from "./packed/options.ts";
export { PackedStore } from "./packed/packed-store.ts";
export type { PackedRecovery } from "./packed/recovery.ts";
export type { Verdicts } from "./packed/verdicts.ts";
export { PageCache, type PageCacheOptions } from "./paged/cache.ts";
export type { PageInspection } from "./paged/inspection.ts";
export type { PageOptions } from "./paged/page-memory.ts";
export {
	type OpenBlobOptions,
	PagedBlob,
	type PagedBlobOptions,
} from "./paged/paged-blob.ts";
export type { RecoveryReport } from "./paged/recovery-report.ts";
export type { Replay, ReplayOptions } from "./paged/replay.ts";
export type { ResizeOptions } from "./paged/resizing.ts";
export type { Bytes } from "./storage/blob-bytes.ts";
export type { VersionRange } from "./storage/blob-header.ts";
export type { LockWait } from "./storage/lock.ts";
export { type BlobName, checkPartitionName } from "./storage/names.ts";
export type { StorageOptions } from "./storage/options.ts";
export type { CutCopy, RemoveOptions } from "./storage/own-files/cut.ts";
export type {
	OutsideChange,
	OutsideReport,
} from "./storage/own-files/outside-change.ts";
export type { StorageRecovery, StoreOwner } from "./storage/recovery.ts";
export {
	type BlobOptions,
	Storage,
} from "./storage/storage.ts";
export type { StorageBlob } from "./storage/storage-blob.ts";
export { UNSYNCED_WINDOW } from "./storage/unsynced-window.ts";
export type { Awaitable } from "./turns/awaitable.ts";
