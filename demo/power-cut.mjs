import { setImmediate } from "node:timers/promises";
import { memoryHost } from "../build/memory.js";
import { emptyDisk, loadDisk, MANNERS, PowerCut } from "./disk-image.mjs";
import { isSound, lookedInto, refused } from "./finding.mjs";
import { LineStore } from "./line-store.mjs";
import { RecordingHost } from "./recording-host.mjs";

/** @import { DirectoryNode } from "./disk-image.mjs" */
/** @import { Finding } from "./finding.mjs" */
/** @import { Random } from "./random.mjs" */
/** @import { Lines } from "./text-file.mjs" */

/**
 * One image of a disk, and what was found on it.
 *
 * @typedef {object} Look
 * @property {number} image
 * @property {string} manner
 * @property {DirectoryNode} disk
 * @property {Finding} finding
 */

/**
 * @typedef {object} Settings
 * @property {Lines} lines
 * @property {number} images
 * @property {boolean} isSynced
 * @property {Random} random
 */

/**
 * Where a writer starts: a disk, and how many lines of it were acknowledged.
 *
 * @typedef {{ disk: DirectoryNode, acknowledged: number }} Start
 */

/** Images that are made of one recording, each cut at another moment. */
const IMAGES_OF_A_RECORDING = 10;
const GROUPS_OF_A_LIFE = 20;
/** At most: a group may be empty, fit what is left of a page, or take several pages. */
const LINES_OF_A_GROUP = [3, 12, 48];
/** Small, and no multiple of a sector, so that pages are torn at every place, and handed over before a sync asks for it. */
const STORE = { pageSize: 1000, writeBuffer: 4000, memory: 2 * 1024 * 1024 };

/**
 * Records what the writer asks of a disk, cuts the power at random moments, and looks into what the disk can hold then. The
 * writer goes on from the last of these images, is recorded again, and so on; when all lines are there, it starts anew on
 * an empty disk.
 *
 * @param {Settings} settings
 * @returns {AsyncGenerator<Look>}
 */
export async function* cutPower(settings) {
	const { images, random } = settings;
	const manners = Object.keys(MANNERS);
	let start = { disk: emptyDisk(), acknowledged: 0 };
	let image = 0;
	while (image < images) {
		const { events, isComplete } = await record(start, settings);
		const last = Math.min(image + IMAGES_OF_A_RECORDING, images);
		let next = start;
		for (; image < last; image += 1) {
			const manner = manners[image % manners.length];
			const cut = random.between(0, events.length);
			const power = new PowerCut(start.disk, events, cut);
			const disk = power.image(manner, random);
			const acknowledged = Math.max(start.acknowledged, power.acknowledged);
			const finding = await lookAt({ disk, acknowledged }, settings);
			yield { image: image + 1, manner, disk, finding };
			const canGoOn = isSound(finding) && !isComplete;
			next = canGoOn
				? { disk, acknowledged }
				: { disk: emptyDisk(), acknowledged: 0 };
		}
		start = next;
	}
}

/**
 * Up to three writers in turn over one disk: what a killed one leaves in the cache, the next one adopts.
 *
 * @param {Start} start
 * @param {Settings} settings
 */
async function record({ disk }, settings) {
	const { lines, isSynced, random } = settings;
	const host = memoryHost();
	await loadDisk(host, disk);
	const recorder = new RecordingHost(host, disk);
	let isComplete = false;
	await withoutTime(async () => {
		for (let life = random.between(1, 3); life > 0; life -= 1) {
			const options = { isSynced, ...STORE };
			const store = await LineStore.open(recorder, lines, options);
			await write(store, recorder, random);
			isComplete = store.isComplete;
			await (random.chance(0.3) ? store.close() : store.drop());
		}
	});
	return { events: recorder.events, isComplete };
}

/**
 * The engine leaves others a turn when it has worked for some milliseconds. While the clock stands it never does, so that a seed makes
 * the same recording on a busy machine.
 *
 * @param {() => Promise<void>} work
 */
async function withoutTime(work) {
	const { now } = performance;
	const stands = now.call(performance);
	performance.now = () => stands;
	try {
		await work();
	} finally {
		performance.now = now;
	}
}

/** @param {LineStore} store @param {RecordingHost} recorder @param {Random} random */
async function write(store, recorder, random) {
	const syncs = [];
	for (let group = random.between(1, GROUPS_OF_A_LIFE); group > 0; group -= 1) {
		await store.append(random.between(0, random.pick(LINES_OF_A_GROUP)));
		if (random.chance(0.7)) {
			const durable = store.sync();
			syncs.push(durable.then((count) => recorder.acknowledge(count)));
		}
		// So that some groups share a sync, and some come in while one is under way.
		if (random.chance(0.5)) {
			await setImmediate();
		}
		// Reading hands over to the host what no sync has asked for.
		if (random.chance(0.1)) {
			await store.countEqual();
		}
	}
	await Promise.all(syncs);
	await store.append(random.pick(LINES_OF_A_GROUP));
	await store.countEqual();
}

/** @param {Start} left @param {Settings} settings */
async function lookAt({ disk, acknowledged }, { lines, isSynced }) {
	const host = memoryHost();
	await loadDisk(host, disk);
	try {
		const store = await LineStore.open(host, lines, { isSynced, ...STORE });
		const { recovery } = store;
		const equal = await store.countEqual();
		await store.drop();
		return lookedInto(lines, acknowledged, { recovery, equal });
	} catch (error) {
		return refused(acknowledged, error);
	}
}
