import { assert } from "chai";
import { test } from "vitest";
import { memoryHost } from "../../hosts/memory.ts";
import type { Host } from "../../src/host/host.ts";
import { Storage } from "../../src/storage/storage.ts";
import {
	CrashDisk,
	type DiskImage,
	EMPTY_IMAGE,
	hashOf,
	hostOf,
	imageOf,
	WHOLE_FILES,
} from "../support/disks/crash-disk.ts";
import { CrashLog } from "../support/disks/crash-log.ts";
import { toHex } from "../support/runs/bytes.ts";
import { type Random, seeded } from "../support/runs/prng.ts";
import { MEMORY } from "../support/runs/suite.ts";
import { KINDS, type Kind } from "../support/stores/left-kinds.ts";
import { session } from "../support/stores/left-session.ts";
import { CUT_MODES, loggedPhase, type Phase } from "./power-cuts.ts";

/** The files of a partition, all that they hold acknowledged. */
type Files = ReadonlyMap<string, Uint8Array>;

const IMAGES = 6;
/** Distinct images that come of a kind, at the least. */
const MANY = 30;
/** One image in so many is closed once more while the power is cut at some step. */
const SECOND_CUT_EVERY = 10;

for (const kind of KINDS) {
	test(
		`of ${kind.name}, a power cut within a close or the open after it loses nothing, and is never told as a change from outside`,
		seeded(async (random) => {
			const log = new CrashLog(memoryHost());
			const phases = await sessionsOf(kind, log);
			const cuts = { kind, log, phases, random, before: EMPTY_IMAGE };
			const images = await cutAll(cuts, IMAGES, async (image, count) => {
				if (count % SECOND_CUT_EVERY === 0) {
					await cutAgain(kind, image, random);
				}
			});
			assert.isAtLeast(images, MANY);
		}),
	);
}

interface Cuts {
	readonly kind: Kind;
	readonly log: CrashLog;
	readonly phases: readonly Phase<Files>[];
	readonly random: Random;
	readonly before: DiskImage;
}

/** Cuts at each step of a phase, and answers how many images were checked. */
async function cutAll(
	{ kind, log, phases, random, before }: Cuts,
	images: number,
	next: (image: DiskImage, count: number) => Promise<void>,
): Promise<number> {
	const disk = new CrashDisk(before, WHOLE_FILES);
	const checked = new Set<string>();
	for (const [index, step] of log.steps.entries()) {
		const phase = phases.find(({ from, to }) => from <= index && index < to);
		for (const mode of phase === undefined ? [] : CUT_MODES) {
			for (let count = 0; count < images; count += 1) {
				const image = disk.cut(mode, step, random);
				const hash = `${hashOf(image)} ${phase?.action}`;
				if (!checked.has(hash)) {
					checked.add(hash);
					await requireKept(kind, image, phase?.expected ?? new Map());
					await next(image, checked.size);
				}
			}
		}
		disk.take(step);
	}
	return checked.size;
}

/** The first session finds nothing, the second what the first has left; the last one only looks. */
async function sessionsOf(
	kind: Kind,
	log: CrashLog,
): Promise<readonly Phase<Files>[]> {
	const phases: Phase<Files>[] = [];
	const logged = async (action: string, step: () => Promise<void>) => {
		const files = await filesOf(kind, log);
		phases.push(await loggedPhase(log, action, files, step));
	};
	for (const isLast of [false, false, true]) {
		let storage: Storage | undefined;
		await logged("open", async () => {
			storage = await Storage.open(log, { memory: MEMORY });
		});
		const opened = storage ?? assert.fail("it was not opened");
		if (isLast) {
			await logged("look", async () => {
				await kind.look(opened);
			});
		} else {
			await kind.write(opened);
		}
		await logged("close", () => opened.close());
	}
	return phases;
}

/** What the close that follows a crash writes down is cut as any other. */
async function cutAgain(
	kind: Kind,
	image: DiskImage,
	random: Random,
): Promise<void> {
	const log = new CrashLog(await hostOf(image));
	log.begin(image.files.keys());
	const files = await filesOf(kind, log);
	const phase = await loggedPhase(log, "again", files, () =>
		requireNothingTold(kind, log),
	);
	const cuts = { kind, log, phases: [phase], random, before: image };
	await cutAll(cuts, 1, async () => undefined);
}

async function requireKept(
	kind: Kind,
	image: DiskImage,
	expected: Files,
): Promise<void> {
	for (const [path, bytes] of expected) {
		const found = image.files.get(path) ?? new Uint8Array();
		assert.equal(toHex(found), toHex(bytes), path);
	}
	const host = await hostOf(image);
	await requireNothingTold(kind, host);
	await requireNothingTold(kind, host);
}

async function requireNothingTold(kind: Kind, host: Host): Promise<void> {
	await session(host, async (storage) => {
		await kind.look(storage);
		assert.deepEqual(storage.recovery.changedOutside, []);
	});
}

async function filesOf({ partition }: Kind, host: Host): Promise<Files> {
	const { files } = await imageOf(host);
	return new Map(
		[...files].filter(([path]) => path.startsWith(`${partition}/`)),
	);
}
