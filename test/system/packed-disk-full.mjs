// Under the runtime argv[2], brings the packed store in argv[3], on a small disk, to where a step of argv[4] finds the disk full, and
// says as JSON what came of it. The disk is filled with the file argv[5]; argv[6] is the log that a step may begin with.
import { strict as assert } from "node:assert";
import {
	closeSync,
	copyFileSync,
	fsyncSync,
	mkdirSync,
	openSync,
	rmSync,
	writeSync,
} from "node:fs";
import process from "node:process";

const [, , runtime, directory, stepName, filler, log] = process.argv;
const { openPackedStore } = await import(`../../build/${runtime}.js`);

const FRAME_SIZE = 524288;
/** Fewer than the slots by those that are written anew while a log is full; the other steps end sooner. */
const GUIDS = 31;
/** Slots that blobs.dat has on the disk before; changes that are flushed before the disk is full, and the GUIDs of each change. */
const STEPS = {
	room: { slots: 0, before: 0, guids: 1 },
	growth: { slots: 8, before: 8, guids: 1 },
	checksums: { slots: 32, before: 1, guids: 8 },
	log: { slots: 40, before: 1, guids: 8, checksums: false },
	fold: { slots: 32, before: 0, guids: 1, checksums: true },
};
const step = STEPS[stepName];
const options = { checksums: step.checksums, wait: false };

/** The fill of each GUID's frame, as it was flushed, and as it was written. */
const flushed = new Map();
let written = new Map();
let changes = 0;

await layBlobs();
const store = await openPackedStore(directory, options);
const { directIO } = store.capabilities;
for (let left = step.before; left > 0; left -= 1) {
	await change(store);
}
fillDisk();
const failure = await changeUntilFull(store);
const read = await matches(store, written);
await store.drop();
written = new Map(flushed);

const reopened = await openPackedStore(directory, options);
const found = await matches(reopened, flushed);
const second = await changeUntilFull(reopened);
makeRoom();
const again = await failureOf(() => changeAgain(reopened));
for (let left = 3; left > 0; left -= 1) {
	await change(reopened);
}
await reopened.close();

const last = await openPackedStore(directory, options);
const kept = await matches(last, flushed);
await last.close();
process.stdout.write(
	JSON.stringify({
		...{ failure, second, again, read, found, kept },
		...{ directIO, frames: flushed.size },
	}),
);

/** Slots that are on the disk, for a store that knows of no frame in them. */
async function layBlobs() {
	mkdirSync(directory, { recursive: true });
	if (stepName === "fold") {
		copyFileSync(log, `${directory}/manifest.log`);
	}
	const dropped = await openPackedStore(directory, { checksums: false });
	for (let slot = 0; slot < step.slots; slot += 1) {
		await dropped.write(guidOf(slot), new Uint8Array(FRAME_SIZE).fill(255));
	}
	await dropped.drop();
}

/** Another change, written and flushed. */
async function change(to) {
	const from = changes * step.guids;
	changes += 1;
	const writes = Array.from({ length: step.guids }, (_, index) => {
		const guid = (from + index) % GUIDS;
		return [guid, (changes + index) % 251];
	});
	await to.writeMany(
		writes.map(([guid, fill]) => [
			guidOf(guid),
			new Uint8Array(FRAME_SIZE).fill(fill),
		]),
	);
	for (const [guid, fill] of writes) {
		written.set(guid, fill);
	}
	await flush(to);
}

/** What a flush that could not fold up the log has made durable all the same counts as flushed. */
async function flush(to) {
	try {
		await to.flush();
		keepWritten();
	} catch (error) {
		if (error.place?.path === "manifest.bin") {
			keepWritten();
		}
		throw error;
	}
}

function keepWritten() {
	for (const [guid, fill] of written) {
		flushed.set(guid, fill);
	}
}

async function changeUntilFull(to) {
	for (;;) {
		const failure = await failureOf(() => change(to));
		if (failure !== undefined) {
			return failure;
		}
	}
}

/** With room again: what was written is flushed at last, by the same handle; where the write itself has failed, it is begun anew. */
async function changeAgain(to) {
	await flush(to);
	await change(to);
}

/** Whether a store has these frames, whole, and no other. */
async function matches(of, fills) {
	assert.deepEqual(
		of.list().map((guid) => guid[0]),
		[...fills.keys()].map((guid) => guidOf(guid)[0]).sort((a, b) => a - b),
	);
	const frame = await of.allocateFrame();
	for (const [guid, fill] of fills) {
		await of.read(guidOf(guid), frame);
		assert.ok(
			frame.bytes.every((byte) => byte === fill),
			`frame ${guid} is not what was written`,
		);
	}
	frame.release();
	return true;
}

function guidOf(number) {
	return new Uint8Array(16).fill(number + 1);
}

/** Down to the last block: what is on its way to the disk takes some with it. */
function fillDisk() {
	const fd = openSync(filler, "w");
	for (const size of [1024 * 1024, 1024, 1024]) {
		while (hasRoomFor(fd, size)) {}
		fsyncSync(fd);
	}
	closeSync(fd);
}

function hasRoomFor(fd, size) {
	try {
		return writeSync(fd, new Uint8Array(size)) > 0;
	} catch (error) {
		assert.equal(error.code, "ENOSPC");
		return false;
	}
}

/** Blocks are free again when the removal is on the disk. */
function makeRoom() {
	rmSync(filler);
	const fd = openSync(directory, "r");
	fsyncSync(fd);
	closeSync(fd);
}

async function failureOf(call) {
	try {
		await call();
		return undefined;
	} catch (error) {
		const { code, message, place, cause } = error;
		return { code, message, path: place?.path, cause: cause?.code };
	}
}
