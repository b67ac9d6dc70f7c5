// What a store does in a realm that a test runner makes, with values of its own and of others. `test` is the runner's.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ReadableStream, WritableStream } from "node:stream/web";
import { TextEncoder as TextEncoderOfNode } from "node:util";
import { PageCache, PagedBlob, VariableJournal } from "dualslot";
import { openPackedStore, openStorage } from "dualslot/node";
import { exportTo, importFrom } from "dualslot/transfer";

const FRAME_SIZE = 512 * 1024;
/** Three bytes, made here, by Node, and by neither of both alone. */
const BYTES = [
	new Uint8Array([97, 98, 99]),
	new TextEncoderOfNode().encode("abc"),
	Buffer.from("abc"),
];

const inDirectory = (body) => async () => {
	const directory = mkdtempSync(join(tmpdir(), "dualslot-"));
	try {
		await body(join(directory, "store"));
	} finally {
		rmSync(directory, { recursive: true });
	}
};

for (const io of ["calls", "ring"]) {
	test(
		`a store keeps what is appended to it, by ${io}`,
		inDirectory(async (path) => {
			let storage = await openStorage(path, { io });
			let paged = await openPaged(storage);
			for (const bytes of BYTES) {
				await paged.append(bytes);
				await paged.sync();
			}
			await storage.close();
			storage = await openStorage(path, { io });
			paged = await openPaged(storage);
			equal(
				String(await paged.read(0, 9)),
				String([...Buffer.from("abcabcabc")]),
			);
			await storage.close();
		}),
	);
}

test(
	"a packed store keeps its frames",
	inDirectory(async (path) => {
		const guid = new Uint8Array(16);
		let store = await openPackedStore(path);
		await store.write(guid, new Uint8Array(FRAME_SIZE).fill(7));
		await store.close();
		store = await openPackedStore(path);
		const frame = Buffer.alloc(FRAME_SIZE);
		await store.read(guid, frame);
		equal(frame[FRAME_SIZE - 1], 7);
		await store.close();
	}),
);

test(
	"a compressed journal gives back what it was given",
	inDirectory(async (path) => {
		const storage = await openStorage(path);
		const cache = new PageCache(storage, { pageSize: 512, pages: 4 });
		const options = { partition: "items", cache, compression: 3 };
		const journal = await VariableJournal.open(storage, options);
		const { offset } = await journal.append(1n, Buffer.alloc(1000, "a"));
		await journal.sync(1n);
		equal((await journal.get(1n, offset)).length, 1000);
		await storage.close();
	}),
);

test(
	"errors have their codes",
	inDirectory(async (path) => {
		equal(await codeOf(() => openStorage(path, { readOnly: true })), "ERR_IO");
		const storage = await openStorage(path);
		equal(await codeOf(() => openStorage(path)), "ERR_LOCKED");
		const wait = AbortSignal.abort();
		equal(await codeOf(() => openStorage(path, { wait })), "ERR_LOCKED");
		equal(await codeOf(() => storage.scan("none")), "ERR_PARTITION_MISSING");
		equal(await codeOf(() => storage.remove("p", "b")), "ERR_BLOB_MISSING");
		const blob = await storage.open("p", "b");
		equal(await codeOf(() => blob.write(0, "abc")), "TypeError");
		equal(await codeOf(() => blob.read(0, 1)), "ERR_BLOB_INSUFFICIENT_LENGTH");
		await storage.close();
	}),
);

test(
	"a store goes through streams",
	inDirectory(async (path) => {
		const storage = await openStorage(path);
		await (await storage.open("p", "b")).write(0, BYTES[0]);
		const pieces = [];
		await exportTo(
			storage,
			new WritableStream({ write: (piece) => void pieces.push(piece.slice()) }),
		);
		await storage.close();
		const copy = await openStorage(`${path}-copy`);
		await importFrom(copy, ReadableStream.from(pieces));
		equal(String(await (await copy.open("p", "b")).read(0, 3)), "97,98,99");
		await copy.close();
		rmSync(`${path}-copy`, { recursive: true });
	}),
);

async function openPaged(storage) {
	const cache = new PageCache(storage, { pageSize: 512, pages: 4 });
	return PagedBlob.open(await storage.open("p", "b"), { cache });
}

async function codeOf(call) {
	try {
		await call();
	} catch (error) {
		return error.code ?? error.name;
	}
	return "nothing";
}

function equal(found, expected) {
	if (found !== expected) {
		throw new Error(`found ${found}, not ${expected}`);
	}
}
