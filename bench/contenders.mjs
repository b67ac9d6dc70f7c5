// Who takes part in the rows of journals, and what each stores. All stores have the same calls; what `fill` and `append`
// have stored is durable when they resolve.
import { isBuilt, RELEASE } from "./commonware.mjs";
import { ENTRIES, ITEMS, VALUES } from "./stored.mjs";
import { CommonwareStore } from "./stores/commonware.mjs";
import { HypercoreStore } from "./stores/hypercore.mjs";
import {
	FixedStore,
	OversizedStore,
	VariableStore,
} from "./stores/journals.mjs";
import { LevelStore } from "./stores/level.mjs";
import { LmdbStore } from "./stores/lmdb.mjs";
import { SqliteStore } from "./stores/sqlite.mjs";

/** By the kind of journal. The peers of an oversized journal keep its values by number, and no entries. */
export const JOURNALS = {
	fixed: { Store: FixedStore, stored: ENTRIES },
	variable: { Store: VariableStore, stored: ITEMS },
	oversized: { Store: OversizedStore, stored: VALUES },
};

const AHEAD = { ratio: 1 };

/** Hypercore hashes and signs, and takes a hundred times as long: it stores and reads a share of what the others do. */
const PEERS = [
	{ name: "lmdb", durable: "put and flushed", Store: LmdbStore },
	{
		name: "better-sqlite3",
		durable: "WAL, synchronous=FULL",
		Store: SqliteStore,
	},
	{ name: "classic-level", durable: "sync: true", Store: LevelStore },
	{
		name: "hypercore",
		durable: "its RocksDB flushed",
		Store: HypercoreStore,
		share: 1 / 64,
	},
];

/** The peers, ahead of which dualslot is to be in each of the metrics. */
export function peersFor(...metrics) {
	const goals = Object.fromEntries(metrics.map((metric) => [metric, AHEAD]));
	return PEERS.map((peer) => ({ share: 1, goals, ...peer }));
}

/**
 * commonware itself, on the same kind of journal, with goals of ratios, `against` a contender of dualslot; none where its program
 * cannot be built. Its journals take one call at a time, so that it has no part in the rows of many writers.
 */
export function commonwareFor(kind, { goals, against, options }) {
	const name = `commonware ${RELEASE}`;
	const { Store: Reader } = JOURNALS[kind];
	const contender = {
		name,
		Store: CommonwareStore,
		share: 1,
		goals,
		...(against !== undefined && { against }),
		options: { kind, Reader, ...options },
	};
	return isBuilt() ? [contender] : [];
}

/** With what makes its appends durable. */
export function durableName({ name, durable }) {
	return durable === undefined ? name : `${name}, ${durable}`;
}

/** For a process that was told a contender's name. */
export function storeNamed(name, kind) {
	const peer = PEERS.find((candidate) => candidate.name === name);
	return peer === undefined ? JOURNALS[kind].Store : peer.Store;
}

/** How many a contender takes of what the others take. */
export function shareOf(count, { share }) {
	return Math.ceil(count * share);
}

/** Scattered over `count`, the same for all contenders, and the same in each run. */
export function scattered(length, count) {
	return Array.from(
		{ length },
		(_, index) => (Math.imul(index + 1, 0x9e3779b1) >>> 0) % count,
	);
}
