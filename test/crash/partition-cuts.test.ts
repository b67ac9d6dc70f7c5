import { assert } from "chai";
import { test } from "vitest";
import { memoryHost } from "../../hosts/memory.ts";
import type { Host } from "../../src/host/host.ts";
import { contextOf, Storage } from "../../src/storage/storage.ts";
import {
	CrashDisk,
	type DiskImage,
	hashOf,
	hostOf,
	imageOf,
	WHOLE_FILES,
} from "../support/disks/crash-disk.ts";
import { CrashLog } from "../support/disks/crash-log.ts";
import { writeRaw } from "../support/hosts/raw-file.ts";
import { type Random, seeded } from "../support/runs/prng.ts";
import { shareOf } from "../support/runs/share.ts";
import { MEMORY, withStorage } from "../support/runs/suite.ts";
import {
	followedConfig,
	knownOf,
	MANY,
	manyPartitions,
	PAGES,
	partitionName,
	recordPartitions,
	sealedChanges,
} from "../support/stores/many-partitions.ts";
import { sealedConfig } from "../support/stores/own-files.ts";
import { CUT_MODES, loggedPhase, type Phase } from "./power-cuts.ts";

/** Lines that dualslot.changes has at first: with a few more it is as long as dualslot.json. */
const LINES = 48;
const CHANGES = 14;
const LAST = MANY + LINES + CHANGES;
const IMAGES = shareOf(400);
/** One image in so many is cut again, while the session after the crash recovers and goes on. */
const SECOND_CUT_EVERY = 20;

/** The numbers of partitions that are known before a change, and the one that it adds or removes. */
interface Expected {
	readonly known: ReadonlySet<number>;
	readonly changing: number | undefined;
}

/** Files in which many partitions are recorded, and how many those are. */
const BEFORE = [
	{
		name: "a dualslot.json of a version before",
		count: MANY,
		config: sealedConfig(manyPartitions(MANY)),
		changes: undefined,
	},
	{
		name: "a dualslot.changes that is almost too long",
		count: MANY + LINES,
		config: followedConfig(MANY),
		changes: sealedChanges([
			{ format: 1, generation: 1 },
			...Array.from({ length: LINES }, (_, line) => {
				return { [partitionName(MANY + line)]: PAGES };
			}),
		]),
	},
];

for (const { name, count, config, changes } of BEFORE) {
	test(
		`after ${name} a power cut loses no partition that was recorded, and brings none back that was removed`,
		seeded(async (random) => {
			const host = memoryHost();
			await writeRaw(host, "dualslot.json", config);
			if (changes !== undefined) {
				await writeRaw(host, "dualslot.changes", changes);
			}
			const before = await imageOf(host);
			const known = numbersUpTo(count);
			const images = await cutAll(before, known, CHANGES, random, IMAGES);
			assert.isAtLeast(images, 2 * CHANGES);
		}),
	);
}

/** Cuts a session of so many changes at each step, and answers how many images were checked. */
async function cutAll(
	before: DiskImage,
	known: ReadonlySet<number>,
	changes: number,
	random: Random,
	images: number,
): Promise<number> {
	const log = new CrashLog(await hostOf(before));
	log.begin(before.files.keys());
	const phases = await changesOf(log, known, changes, random);
	const disk = new CrashDisk(before, WHOLE_FILES);
	const hashes = new Set<string>();
	for (const [index, step] of log.steps.entries()) {
		const phase = phases.find(({ from, to }) => from <= index && index < to);
		for (const mode of phase === undefined ? [] : CUT_MODES) {
			for (let count = 0; count < images; count += 1) {
				const image = disk.cut(mode, step, random);
				const hash = `${hashOf(image)} ${phase?.from}`;
				if (!hashes.has(hash)) {
					hashes.add(hash);
					const found = await requireKnown(image, phase?.expected);
					if (changes > 3 && hashes.size % SECOND_CUT_EVERY === 0) {
						await cutAll(image, found, 3, random, 1);
					}
				}
			}
		}
		disk.take(step);
	}
	return hashes.size;
}

async function changesOf(
	log: CrashLog,
	found: ReadonlySet<number>,
	changes: number,
	random: Random,
): Promise<readonly Phase<Expected>[]> {
	const known = new Set(found);
	const phases: Phase<Expected>[] = [];
	const logged = async (changing: number | undefined, step: () => unknown) => {
		const expected = { known: new Set(known), changing };
		const run = async () => void (await step());
		phases.push(await loggedPhase(log, "change", expected, run));
	};
	let storage: Storage | undefined;
	await logged(undefined, async () => {
		storage = await Storage.open(log, { memory: MEMORY });
	});
	const opened = storage ?? assert.fail("it was not opened");
	for (let change = 0; change < changes; change += 1) {
		const number = random.integer(0, LAST);
		await logged(number, () => toggled(opened, known, number));
	}
	await logged(undefined, () => opened.close());
	return phases;
}

/** Removes a partition that is known, or records it. */
async function toggled(
	storage: Storage,
	known: Set<number>,
	number: number,
): Promise<void> {
	if (known.delete(number)) {
		await contextOf(storage).config.delete(partitionName(number));
	} else {
		await recordPartitions(storage, number, number + 1);
		known.add(number);
	}
}

/** A reader and a writer find the same; which that is. */
async function requireKnown(
	image: DiskImage,
	expected: Expected | undefined,
): Promise<ReadonlySet<number>> {
	const host = await hostOf(image);
	const read = await knownIn(host, true);
	const found = await knownIn(host, false);
	assert.deepEqual(found, read);
	const { known = new Set(), changing } = expected ?? {};
	for (let number = 0; number <= LAST; number += 1) {
		if (number !== changing) {
			assert.equal(found.has(number), known.has(number), `${number}`);
		}
	}
	return found;
}

async function knownIn(
	host: Host,
	readOnly: boolean,
): Promise<ReadonlySet<number>> {
	return withStorage(
		host,
		async (storage) => {
			const found = knownOf(storage, LAST + 1);
			for (const number of found) {
				const config = contextOf(storage).config.get(partitionName(number));
				assert.deepEqual(config, PAGES);
			}
			return new Set(found);
		},
		{ readOnly },
	);
}

function numbersUpTo(count: number): ReadonlySet<number> {
	return new Set(Array.from({ length: count }, (_, number) => number));
}
