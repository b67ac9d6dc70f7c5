import { readFileSync } from "node:fs";
import { assert } from "chai";
import { test } from "vitest";
import { HEADER_SIZE, RECORD_SIZE, SLOT_SIZE } from "../../assembly/format.ts";
import { StorageError } from "../../src/errors.ts";
import { PageCache } from "../../src/paged/cache.ts";
import { PagedBlob } from "../../src/paged/paged-blob.ts";
import { Storage } from "../../src/storage/storage.ts";
import {
	type DiskImage,
	EMPTY_IMAGE,
	hostOf,
	imageOf,
} from "../support/disks/crash-disk.ts";
import { IS_SPARSE, placesOf } from "../support/runs/share.ts";
import { MEMORY, PARTITION } from "./workload.ts";

const PAGE_SIZE = 32;
const STRIDE = PAGE_SIZE + RECORD_SIZE;
const BLOB = `${PARTITION}/62`;
const VERSIONS = [0, 0xffff] as const;

/** What one flipped bit came to. Only the last is a loss that nobody was told of. */
type Outcome = "right bytes" | "an error" | "reported" | "unnoticed";

/** How a small blob came to be, whose every bit is then flipped. */
const STORES: Record<string, (paged: PagedBlob) => Promise<void>> = {
	"a partial page written once": async (paged) => {
		await grow(paged, 40);
	},
	"a partial page written twice": async (paged) => {
		await grow(paged, 40);
		await grow(paged, 9);
	},
	"a partial page written three times": async (paged) => {
		await grow(paged, 40);
		await grow(paged, 9);
		await grow(paged, 4);
	},
	"a full page that was filled in two steps": async (paged) => {
		await grow(paged, 20);
		await grow(paged, 12);
	},
	"a full page before a page": async (paged) => {
		await grow(paged, 20);
		await grow(paged, 12);
		await grow(paged, 5);
	},
	"a page that was shrunk from 16 bytes": async (paged) => {
		await grow(paged, 16);
		await paged.resize(7);
	},
	"a page that was shrunk and has grown again": async (paged) => {
		await grow(paged, 48);
		await paged.resize(39);
		await grow(paged, 2);
	},
};

for (const [store, fill] of Object.entries(STORES)) {
	test(`one flipped bit of ${store} never gives other bytes, but for what the formats do not cover`, async () => {
		const { image, bytes } = await stored(fill);
		const unnoticed = new Set<string>();
		for (const [path, content] of image.files) {
			for (const bit of placesOf(content.length * 8)) {
				const outcome = await flipped(image, path, bit, bytes);
				if (outcome === "unnoticed") {
					unnoticed.add(placeOf(path, bit));
				}
			}
		}
		const listed = documented(store);
		assert.includeMembers(listed, [...unnoticed]);
		assert.isTrue(IS_SPARSE || unnoticed.size === listed.length);
	});
}

test("a file truncated anywhere but at a page boundary or in its header gives a prefix that is reported", async () => {
	const { image, bytes } = await stored(async (paged) => {
		await grow(paged, 100);
	});
	const whole = image.files.get(BLOB) ?? new Uint8Array();
	for (let size = 0; size < whole.length; size += 1) {
		const files = new Map(image.files).set(BLOB, whole.subarray(0, size));
		const found = await outcomeOf({ ...image, files }, bytes);
		const isBoundary =
			size >= HEADER_SIZE && (size - HEADER_SIZE) % STRIDE === 0;
		const expected =
			isBoundary || size < HEADER_SIZE ? "unnoticed" : "reported";
		assert.strictEqual(found, expected, `truncated to ${size} bytes`);
	}
});

async function grow(paged: PagedBlob, count: number): Promise<void> {
	const start = paged.size;
	await paged.append(
		Uint8Array.from({ length: count }, (_, at) => start + at + 1),
	);
	await paged.sync();
}

async function stored(
	fill: (paged: PagedBlob) => Promise<void>,
): Promise<{ image: DiskImage; bytes: Uint8Array }> {
	const host = await hostOf(EMPTY_IMAGE);
	const storage = await Storage.open(host, { memory: MEMORY });
	const paged = await opened(storage);
	await fill(paged);
	const bytes = await paged.read(0, paged.size);
	await storage.close();
	return { image: await imageOf(host), bytes };
}

async function opened(storage: Storage): Promise<PagedBlob> {
	const cache = new PageCache(storage, { pageSize: PAGE_SIZE, pages: 4 });
	const blob = await storage.open(PARTITION, "b", { versions: VERSIONS });
	if (blob.version !== VERSIONS[1]) {
		throw new Error(`the version was read as ${blob.version}`);
	}
	return PagedBlob.open(blob, { cache });
}

function flipped(
	image: DiskImage,
	path: string,
	bit: number,
	bytes: Uint8Array,
): Promise<Outcome> {
	const content = (image.files.get(path) ?? new Uint8Array()).slice();
	const at = Math.floor(bit / 8);
	content[at] = (content[at] ?? 0) ^ (1 << (bit % 8));
	const files = new Map(image.files).set(path, content);
	return outcomeOf({ ...image, files }, bytes);
}

async function outcomeOf(
	image: DiskImage,
	bytes: Uint8Array,
): Promise<Outcome> {
	try {
		const storage = await Storage.open(await hostOf(image), { memory: MEMORY });
		try {
			const paged = await opened(storage);
			const found = await paged.read(0, paged.size);
			const { cut, otherSlot, revivable } = paged.recovery;
			if (found.length === bytes.length && isPrefix(found, bytes)) {
				return "right bytes";
			}
			const isReported = cut !== "none" || otherSlot === "bad" || revivable > 0;
			return isReported && isPrefix(found, bytes) ? "reported" : "unnoticed";
		} finally {
			await storage.drop();
		}
	} catch (error) {
		if (error instanceof StorageError && Object.keys(error.place).length > 0) {
			return "an error";
		}
		if (error instanceof Error && error.message.startsWith("the version")) {
			return "unnoticed";
		}
		throw error;
	}
}

function isPrefix(found: Uint8Array, bytes: Uint8Array): boolean {
	return (
		found.length <= bytes.length &&
		found.every((byte, index) => byte === bytes[index])
	);
}

function placeOf(path: string, bit: number): string {
	const byte = Math.floor(bit / 8);
	if (path !== BLOB) {
		return `${path} byte ${byte}`;
	}
	if (byte < HEADER_SIZE) {
		return byte < 6 ? `header byte ${byte}` : "the header's blob version";
	}
	const page = Math.floor((byte - HEADER_SIZE) / STRIDE);
	const inPage = (byte - HEADER_SIZE) % STRIDE;
	if (inPage < PAGE_SIZE) {
		return `page ${page}, data`;
	}
	const inRecord = inPage - PAGE_SIZE;
	const slot = inRecord < SLOT_SIZE ? 1 : 2;
	const field = inRecord % SLOT_SIZE < 2 ? "length" : "checksum";
	return `page ${page}, slot ${slot}, ${field}`;
}

/** The lines of docs/durability.md that name a store and the places in it that no checksum covers. */
function documented(store: string): string[] {
	const text = readFileSync(
		new URL("../../docs/durability.md", import.meta.url),
		"utf8",
	);
	const section = text.split("## What no checksum covers")[1] ?? "";
	const block = /```damage\n([\s\S]*?)```/.exec(section)?.[1] ?? "";
	return block
		.split("\n")
		.flatMap((line) => {
			const [of, place] = line.split(":");
			return of?.trim() === store && place !== undefined ? [place.trim()] : [];
		})
		.sort();
}
