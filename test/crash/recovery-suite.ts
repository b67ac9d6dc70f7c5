import { assert } from "chai";
import type { Host } from "../../src/host/host.ts";
import { PageCache } from "../../src/paged/cache.ts";
import { PagedBlob } from "../../src/paged/paged-blob.ts";
import { Storage } from "../../src/storage/storage.ts";
import {
	CrashDisk,
	type DiskImage,
	EMPTY_IMAGE,
	hashOf,
	hostOf,
	WHOLE_FILES,
	withImage,
} from "../support/disks/crash-disk.ts";
import { CrashLog, type DiskStep } from "../support/disks/crash-log.ts";
import { imageOf as filesIn } from "../support/hosts/raw-file.ts";
import { sha256 } from "../support/oracles/sha256.ts";
import { bytesOf, joined, toHex } from "../support/runs/bytes.ts";
import { Random } from "../support/runs/prng.ts";
import { IS_SPARSE, SHARE, tellCount } from "../support/runs/share.ts";
import { inMemory, type Suite } from "../support/runs/suite.ts";
import { CUT_MODES } from "./power-cuts.ts";
import {
	MEMORY,
	PARTITION,
	type Shape,
	shapeOf,
	Workload,
} from "./workload.ts";

/** SHA-256 over what the first so many images recover to. */
interface Recovered {
	readonly images: number;
	readonly digest: string;
}

/**
 * It is the same in every host and runtime, and changes only with the engine's writes, its recovery, or what a report says.
 * In memory, where an image is quick, CI holds both: no share of a run leaves one of them behind.
 */
const FEW: Recovered = {
	images: 40,
	digest: "2a95bd70dcd8ad85d8ebacb4ad0fa086c5603b9e3260b28eb18abc413ea19954",
};
const ALL: Recovered = {
	images: 2000,
	digest: "2bb7a40a936dad31df0f4a0c1462dfa9caababa13c4c49ff31320397a817d728",
};
const IMAGES_PER_WORKLOAD = 100;
const ACTIONS = 30;
/** Images that are recovered at the same time: where a call is long under way, the next has not to wait for it. */
const IMAGES_AT_ONCE = 4;
const TIMEOUT = 600_000;
const PAGE_SIZES = [61, 103, 255, 501];

interface Cut {
	readonly image: DiskImage;
	readonly shape: Shape;
}

/** One and the same power cut comes to the same report and the same bytes, wherever it is recovered. */
export function recoverySuite({ test, host, createHost }: Suite): void {
	test(
		"power cuts recover here to the reports and bytes that they recover to everywhere",
		async () => {
			const isWhole = host === "memory" ? !IS_SPARSE : SHARE >= 1;
			const { images } = isWhole ? ALL : FEW;
			const digests: Uint8Array[] = [];
			for await (const some of batches(cuts(images))) {
				const here = await Promise.all(
					some.map((cut) => recovered(cut, createHost)),
				);
				for (const [index, cut] of some.entries()) {
					const inMemoryHere = await recovered(cut, inMemory);
					assert.equal(here[index], inMemoryHere, `image ${digests.length}`);
					digests.push(await sha256(bytesOf(inMemoryHere)));
				}
			}
			assert.lengthOf(digests, images);
			for (const known of isWhole ? [FEW, ALL] : [FEW]) {
				const some = digests.slice(0, known.images);
				const digest = toHex(await sha256(joined(...some)));
				assert.equal(digest, known.digest, `${known.images} images`);
			}
			tellCount(images, "images recovered alike");
		},
		TIMEOUT,
	);
}

async function* batches(cuts: AsyncIterable<Cut>): AsyncGenerator<Cut[]> {
	let batch: Cut[] = [];
	for await (const cut of cuts) {
		batch.push(cut);
		if (batch.length === IMAGES_AT_ONCE) {
			yield batch;
			batch = [];
		}
	}
	yield batch;
}

/** The same distinct images each time: workloads of fixed seeds, cut at random steps. */
async function* cuts(images: number): AsyncGenerator<Cut> {
	const seen = new Set<number>();
	for (let seed = 0; seen.size < images; seed += 1) {
		const random = new Random(seed);
		const shape = shapeOf(random, PAGE_SIZES);
		const log = new CrashLog(await hostOf(EMPTY_IMAGE));
		const workload = new Workload(log, random, shape);
		await workload.begin(new Map());
		await workload.run(ACTIONS);
		const steps = log.steps.slice();
		await workload.end();
		for (const image of imagesOf(steps, random)) {
			const hash = hashOf(image);
			if (!seen.has(hash) && seen.size < images) {
				seen.add(hash);
				yield { image, shape };
			}
		}
	}
}

function* imagesOf(
	steps: readonly DiskStep[],
	random: Random,
): Generator<DiskImage> {
	const chosen = random
		.shuffle([...steps.keys(), ...steps.keys(), ...steps.keys()])
		.slice(0, IMAGES_PER_WORKLOAD)
		.sort((left, right) => left - right);
	const disk = new CrashDisk(EMPTY_IMAGE, WHOLE_FILES);
	for (const [index, step] of steps.entries()) {
		for (const _ of chosen.filter((at) => at === index)) {
			const mode = random.pick(CUT_MODES);
			yield disk.cut(mode, step, random);
		}
		disk.take(step);
	}
}

/** The reports, the bytes that the blobs are read to, and what the disk holds then, as text. */
async function recovered(
	{ image, shape }: Cut,
	createHost: Suite["createHost"],
): Promise<string> {
	return withImage(image, createHost, async (host) => {
		const reports = await recover(host, shape);
		return [...reports, ...(await filesIn(host))].join("\n");
	});
}

async function recover(host: Host, shape: Shape): Promise<string[]> {
	const storage = await Storage.open(host, { memory: MEMORY, ahead: 0 });
	try {
		const { foundCrash } = storage.recovery;
		const lines = [JSON.stringify({ foundCrash })];
		const { pageSize, writeBuffer } = shape;
		const cache = new PageCache(storage, { pageSize, pages: 4 });
		const isThere = (await host.list(PARTITION)) !== undefined;
		for (const name of isThere ? await storage.scan(PARTITION) : []) {
			const blob = await storage.open(PARTITION, name);
			const paged = await PagedBlob.open(blob, { cache, writeBuffer });
			lines.push(
				toHex(name),
				JSON.stringify(paged.recovery),
				toHex(await paged.read(0, paged.size)),
			);
		}
		assert.deepEqual(storage.recovery.changedOutside, []);
		return lines;
	} finally {
		await storage.drop();
	}
}
