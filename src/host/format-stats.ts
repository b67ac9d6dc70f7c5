import type { Histogram } from "./latency.ts";
import type { JournalStats, PackedStats, StoreStats } from "./stats.ts";
import type { StorageStats } from "./storage-stats.ts";

type Labels = Readonly<Record<string, string>>;
type Sample<T> = readonly [Labels, T];
type Kind = "counter" | "gauge" | "histogram";

/** commonware's names where it counts the same; `_total` is Prometheus' own suffix. */
const OF_FILES = [
	["openFiles", "open_blobs", "gauge", "Files that are open"],
	["reads", "storage_reads_total", "counter", "Reads of files"],
	["readBytes", "storage_read_bytes_total", "counter", "Bytes that were read"],
	["writes", "storage_writes_total", "counter", "Writes of files"],
	["writeBytes", "storage_write_bytes_total", "counter", "Bytes written"],
	["syncs", "storage_syncs_total", "counter", "Syncs of files"],
	["resizes", "storage_resizes_total", "counter", "Truncations, extensions"],
] as const satisfies readonly Row<StorageStats>[];

const OF_JOURNALS = [
	["tracked", "tracked", "gauge", "Sections that there are"],
	["synced", "synced_total", "counter", "Syncs of sections"],
	["pruned", "pruned_total", "counter", "Sections that were pruned"],
] as const satisfies readonly Row<JournalStats>[];

const OF_PACKED = [
	["guids", "packed_guids", "gauge", "GUIDs that have a frame"],
	["frames", "packed_frames", "gauge", "Frames of linear memory"],
	["framesInUse", "packed_frames_in_use", "gauge", "Frames that are leased"],
	["freeSlots", "packed_free_slots", "gauge", "Slots that a write can take"],
	["flushes", "packed_flushes_total", "counter", "Flushes"],
	["folds", "packed_folds_total", "counter", "Logs that were folded up"],
] as const satisfies readonly Row<PackedStats>[];

type Row<Stats> = readonly [
	name: keyof Stats,
	metric: string,
	kind: Kind,
	help: string,
];

/**
 * Statistics of any number of stores in Prometheus' text format, version 0.0.4: a page for a
 * scrape. docs/observing.md has the names.
 */
export function formatStats(
	...stats: readonly (StoreStats | PackedStats)[]
): string {
	const page = new Page();
	page.rows(OF_FILES, stats.flatMap(fileSamples));
	for (const call of ["read", "write", "sync"] as const) {
		const name = `storage_${call}_duration_seconds`;
		const help = `How long a ${call} of a file took`;
		page.histograms(
			name,
			help,
			stats.map(({ store, latencies }) => {
				return [{ store }, latencies[call]] as const;
			}),
		);
	}
	page.metric("pending_operations", "gauge", PENDING, stats.flatMap(pending));
	page.metric("reserved_bytes", "gauge", RESERVED, stats.flatMap(reserved));
	page.rows(OF_JOURNALS, stats.flatMap(journalSamples));
	const packed = stats.filter(isPacked);
	page.rows(
		OF_PACKED,
		packed.map((one) => [{ store: one.store }, one]),
	);
	page.histograms(
		"packed_flush_duration_seconds",
		"How long a flush took",
		packed.map(({ store, flushLatency }) => [{ store }, flushLatency]),
	);
	return page.text;
}

const PENDING = "Operations that the ring has in flight";
const RESERVED = "Bytes of zeros that files end with, ahead of appends";

function fileSamples(stats: StoreStats | PackedStats): Sample<StorageStats>[] {
	const { store } = stats;
	return isPacked(stats)
		? stats.files.map((one) => [{ store, file: one.label }, one])
		: stats.partitions.map((one) => [{ store, partition: one.label }, one]);
}

function journalSamples(
	stats: StoreStats | PackedStats,
): Sample<JournalStats>[] {
	const { store } = stats;
	return isPacked(stats)
		? []
		: stats.journals.map((one) => [{ store, journal: one.journal }, one]);
}

function pending({
	store,
	pendingOperations,
}: StoreStats | PackedStats): Sample<number>[] {
	return pendingOperations === undefined
		? []
		: [[{ store }, pendingOperations]];
}

function reserved(stats: StoreStats | PackedStats): Sample<number>[] {
	const { store } = stats;
	return isPacked(stats) || stats.reservedBytes === undefined
		? []
		: [[{ store }, stats.reservedBytes]];
}

function isPacked(stats: StoreStats | PackedStats): stats is PackedStats {
	return "files" in stats;
}

/** Metrics one after the other; a metric without samples is left out. */
class Page {
	text = "";

	rows<Stats>(
		rows: readonly Row<Stats>[],
		samples: readonly Sample<Stats>[],
	): void {
		for (const [name, metric, kind, help] of rows) {
			const values = samples.map(([labels, stats]) => {
				return [labels, Number(stats[name])] as const;
			});
			this.metric(metric, kind, help, values);
		}
	}

	metric(
		name: string,
		kind: Kind,
		help: string,
		samples: readonly Sample<number>[],
	): void {
		if (samples.length > 0) {
			this.#head(name, kind, help);
		}
		for (const [labels, value] of samples) {
			this.#sample(name, labels, value);
		}
	}

	histograms(
		name: string,
		help: string,
		samples: readonly Sample<Histogram>[],
	): void {
		if (samples.length > 0) {
			this.#head(name, "histogram", help);
		}
		for (const [labels, { bounds, counts, sum, count }] of samples) {
			let below = 0;
			for (const [index, own] of counts.entries()) {
				below += own;
				const le = `${bounds[index] ?? "+Inf"}`;
				this.#sample(`${name}_bucket`, { ...labels, le }, below);
			}
			this.#sample(`${name}_sum`, labels, sum);
			this.#sample(`${name}_count`, labels, count);
		}
	}

	#head(name: string, kind: Kind, help: string): void {
		this.text += `# HELP dualslot_${name} ${help}.\n`;
		this.text += `# TYPE dualslot_${name} ${kind}\n`;
	}

	#sample(name: string, labels: Labels, value: number): void {
		const pairs = Object.entries(labels).map(
			([label, text]) => `${label}="${escaped(text)}"`,
		);
		this.text += `dualslot_${name}{${pairs.join(",")}} ${value}\n`;
	}
}

function escaped(text: string): string {
	return text
		.replaceAll("\\", "\\\\")
		.replaceAll("\n", "\\n")
		.replaceAll('"', '\\"');
}
