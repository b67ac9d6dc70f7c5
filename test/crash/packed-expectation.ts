import { FRAME_SIZE } from "../../assembly/format.ts";
import { StorageError } from "../../src/errors.ts";
import type { Host } from "../../src/host/host.ts";
import type { Frame } from "../../src/packed/frames/frame.ts";
import { FRAMES_PATH } from "../../src/packed/frames/frame-file.ts";
import type { PackedStore } from "../../src/packed/packed-store.ts";
import {
	FOREIGN,
	sectorGuid,
	versionsIn,
} from "../support/disks/sector-frames.ts";

/** More than the workloads ever take: behind them room was made, and nothing written. */
const SLOTS_MAX = 32;

/** Which version each GUID has, both by their numbers. */
export type PackedState = ReadonlyMap<number, number>;

/** What may be found of a packed store at some moment. */
export interface PackedExpectation {
	/** What was flushed, and what each change since has made of it: one of these is found. */
	readonly states: readonly PackedState[];
	/**
	 * In place: the versions that the sectors of a GUID's frame may be of. Only one that was not overwritten since a flush is known to
	 * be whole. Undefined where every frame is.
	 */
	readonly mixes: ReadonlyMap<number, ReadonlySet<number>> | undefined;
	/** Whether frames.crc is there. */
	readonly hasChecksums: boolean | "maybe";
	/** GUIDs whose frames somebody else may have written, so that they go unchecked. */
	readonly foreign: ReadonlySet<number>;
	/** Versions that a flush has erased: no sector of blobs.dat is of them. */
	readonly erased: ReadonlySet<number>;
}

export interface FoundPacked
	extends Pick<PackedExpectation, "mixes" | "foreign"> {
	readonly state: PackedState;
}

/** How a state finds its frame: whole, or of several versions, or refused. */
interface FoundFrame {
	readonly versions: ReadonlySet<number>;
	readonly isRefused: boolean;
}

/** Reads all that an open store has. Throws what is not as expected; answers what was found. */
export async function requireExpectedFrames(
	store: PackedStore,
	expected: PackedExpectation,
): Promise<FoundPacked> {
	const frames = await readFrames(store);
	const { states, mixes, foreign } = expected;
	requireCoverage(store, frames, expected);
	requireNothingTold(store);
	const state =
		mixes === undefined
			? wholeState(frames, states)
			: mixedState(frames, states, mixes, store.checksums?.uncovered === 0);
	return { state, mixes, foreign };
}

/** Throws where blobs.dat has a sector of a frame that was erased. */
export async function requireErased(
	host: Host,
	{ erased }: PackedExpectation,
): Promise<void> {
	const file =
		erased.size > 0 ? await host.open(FRAMES_PATH, "read") : undefined;
	if (file === undefined) {
		return;
	}
	const slots = Math.floor((await file.size()) / FRAME_SIZE);
	const frame = new Uint8Array(FRAME_SIZE);
	for (let slot = 0; slot < Math.min(slots, SLOTS_MAX); slot += 1) {
		await file.read([frame], slot * FRAME_SIZE);
		const left = [...versionsIn(frame)].find((one) => erased.has(one));
		if (left !== undefined) {
			throw new Error(`frame ${left}, which was erased, is in slot ${slot}`);
		}
	}
	await file.close();
}

async function readFrames(
	store: PackedStore,
): Promise<ReadonlyMap<number, FoundFrame>> {
	const frames = new Map<number, FoundFrame>();
	const frame = await store.allocateFrame();
	try {
		for (const guid of store.list()) {
			const number = (guid[0] ?? 0) - (sectorGuid(0)[0] ?? 0);
			frames.set(number, await readFrame(store, guid, frame));
		}
	} finally {
		frame.release();
	}
	return frames;
}

async function readFrame(
	store: PackedStore,
	guid: Uint8Array,
	frame: Frame,
): Promise<FoundFrame> {
	let isRefused = false;
	try {
		await store.read(guid, frame);
	} catch (error) {
		const isCorrupt =
			error instanceof StorageError && error.code === "ERR_FRAME_CORRUPT";
		if (!isCorrupt) {
			throw error;
		}
		isRefused = true;
		await store.readRange(guid, 0, frame.bytes, { checked: false });
	}
	return { versions: versionsIn(frame.bytes), isRefused };
}

/** Of a store that no one else has written, every frame can be checked, but for those that were on their way in place. */
function requireCoverage(
	store: PackedStore,
	frames: ReadonlyMap<number, FoundFrame>,
	{ hasChecksums, foreign, mixes }: PackedExpectation,
): void {
	const coverage = store.checksums;
	if (hasChecksums !== "maybe" && hasChecksums !== (coverage !== undefined)) {
		throw new Error(`frames.crc is ${hasChecksums ? "not " : ""}used`);
	}
	if (coverage === undefined) {
		return;
	}
	const { covered, uncovered } = coverage;
	const excused = [...frames.keys()].filter(
		(guid) => foreign.has(guid) || (mixes?.get(guid)?.size ?? 1) > 1,
	);
	if (covered + uncovered !== frames.size || uncovered > excused.length) {
		throw new Error(
			`of ${frames.size} frames ${covered} can be checked and ${uncovered} not; ${excused.length} need not be`,
		);
	}
}

/** Nobody but the store itself has changed its files, and the power. */
function requireNothingTold({ recovery }: PackedStore): void {
	for (const { path, what } of recovery.changedOutside ?? []) {
		throw new Error(`${path} is told to be changed from outside: ${what}`);
	}
}

/** The state whose every frame is there, whole, and no other. */
function wholeState(
	frames: ReadonlyMap<number, FoundFrame>,
	states: readonly PackedState[],
): PackedState {
	for (const [guid, { versions, isRefused }] of frames) {
		if (isRefused) {
			throw new Error(`frame ${guid} is refused: ${[...versions].join()}`);
		}
	}
	const found = [...states].reverse().find(
		(state) =>
			state.size === frames.size &&
			[...state].every(([guid, version]) => {
				const versions = frames.get(guid)?.versions;
				return versions?.size === 1 && versions.has(version);
			}),
	);
	if (found === undefined) {
		throw new Error(`found ${textOf(frames)}, not one of ${textsOf(states)}`);
	}
	return found;
}

/**
 * The GUIDs of one of the states, each with sectors of no frames but those that it may have. One that is covered and not refused
 * is whole; one that is refused was being overwritten.
 */
function mixedState(
	frames: ReadonlyMap<number, FoundFrame>,
	states: readonly PackedState[],
	mixes: ReadonlyMap<number, ReadonlySet<number>>,
	areAllCovered: boolean,
): PackedState {
	for (const [guid, { versions, isRefused }] of frames) {
		const allowed = mixes.get(guid) ?? new Set();
		const areAllowed = [...versions].every((version) => allowed.has(version));
		const isWhole = versions.size === 1;
		const isSettled = allowed.size === 1;
		if (
			!areAllowed ||
			(isRefused && isSettled) ||
			(areAllCovered && !isRefused && !isWhole)
		) {
			throw new Error(
				`frame ${guid} is of ${[...versions].join()}${isRefused ? ", refused" : ""}; it may be of ${[...allowed].join()}`,
			);
		}
	}
	const found = [...states]
		.reverse()
		.find(
			(state) =>
				state.size === frames.size &&
				[...state.keys()].every((guid) => frames.has(guid)),
		);
	if (found === undefined) {
		throw new Error(`found ${textOf(frames)}, not one of ${textsOf(states)}`);
	}
	return found;
}

function textOf(frames: ReadonlyMap<number, FoundFrame>): string {
	return [...frames]
		.map(([guid, { versions }]) => `${guid}: ${[...versions].join("+")}`)
		.join(", ")
		.replaceAll(String(FOREIGN), "foreign");
}

function textsOf(states: readonly PackedState[]): string {
	return states
		.map(
			(state) =>
				`{${[...state].map(([guid, version]) => `${guid}: ${version}`).join(", ")}}`,
		)
		.join(" ");
}
