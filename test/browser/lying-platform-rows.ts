import { assert } from "chai";
import { openStorage } from "../../hosts/opfs.ts";
import { bytesOf, textOf } from "../support/bytes.ts";
import { assertFails, failureOf } from "../support/failure.ts";
import { writeRaw } from "../support/raw-file.ts";
import type { Test } from "../support/suite.ts";
import { hooked, withProperty } from "./hooked.ts";
import { storeTest } from "./own-store.ts";

/** What a browser's write answers on a full disk: Firefox's, and Chrome's, which writes nothing either. */
const ANSWERS = [0, 4_294_967_288];

/** What a browser does that its calls do not say. */
export function lyingPlatformRows(test: Test): void {
	storeTest(test)(
		"a file is never moved onto a directory, which Firefox would delete",
		async (host) => {
			await writeRaw(host, "directory/file", bytesOf("held"));
			await writeRaw(host, "source", bytesOf("new"));
			let moves = 0;
			const count = async () => {
				moves += 1;
			};
			await hooked("move", count, async () => {
				const error = await failureOf(() => host.rename("source", "directory"));
				assert.propertyVal(error, "code", "EISDIR");
			});
			assert.equal(moves, 0);
		},
	);

	for (const answer of ANSWERS) {
		storeTest(test)(
			`a write that answers ${answer} found no room, acknowledges nothing, and goes on when there is room`,
			async (_, store) => {
				const storage = await openStorage(store);
				const blob = await storage.open("partition", "name");
				await blob.writeSync(0, bytesOf("held"));
				await withWrites(answer, async () => {
					await assertFails("ERR_NO_SPACE", () =>
						blob.write(2, bytesOf("LOST")),
					);
					assert.equal(blob.size, 4);
				});
				await blob.write(4, bytesOf(" on"));
				await storage.close();
				const again = await openStorage(store);
				const found = await again.open("partition", "name");
				assert.equal(textOf(await found.read(0, found.size)), "held on");
				await again.close();
			},
		);
	}
}

/** No byte that would extend a file is taken; what lies on the disk can be written over. */
function withWrites(answer: number, body: () => Promise<void>): Promise<void> {
	const prototype = accessHandles();
	const original = Reflect.get(prototype, "write");
	const write = function (
		this: { getSize(): number },
		bytes: Uint8Array,
		{ at }: { at: number },
	) {
		return at + bytes.length > this.getSize()
			? answer
			: Reflect.apply(original, this, [bytes, { at }]);
	};
	return withProperty(prototype, "write", write, body);
}

function accessHandles(): object {
	return Reflect.get(globalThis, "FileSystemSyncAccessHandle").prototype;
}
