import { assert } from "chai";
import { rootDirectory } from "../../hosts/opfs/platform.ts";
import { openStorage, opfsHost } from "../../hosts/opfs.ts";
import {
	assertFails,
	assertRefuses,
	callUntyped,
} from "../support/runs/failure.ts";
import type { Test } from "../support/runs/suite.ts";
import { withProperty } from "./hooked.ts";
import { directoryOf, entriesBelow } from "./origin.ts";

const NAMES_REFUSED = [
	...["", "/", "a/", "/a", "a//b", ".", "..", "a/../b", "./a", "a\\b"],
	...["a\0", "\ud800", ".dualslot-removed", ".dualslot-removed/a"],
];

interface Lack {
	readonly what: string;
	readonly owner: () => object;
	readonly name: string;
	readonly value?: false;
	readonly message: RegExp;
}

/** What a platform can lack, how it shows, and what is said of it. */
const LACKS: readonly Lack[] = [
	{
		what: "a secure context",
		owner: () => globalThis,
		name: "isSecureContext",
		value: false,
		message: /over https/,
	},
	{
		what: "a file system",
		owner: () => navigator.storage,
		name: "getDirectory",
		message: /no origin private file system/,
	},
	{
		what: "Web Locks",
		owner: () => navigator,
		name: "locks",
		message: /no Web Locks/,
	},
];

/** What the host is told, and what the platform must have. */
export function platformRows(test: Test): void {
	for (const name of NAMES_REFUSED) {
		test(`a store is not called ${JSON.stringify(name)}`, async () => {
			await assertRefuses(TypeError, () => openStorage(name), "a store's name");
		});
	}

	test("a store's name is a string, and its worker something to post messages to", async () => {
		for (const name of [undefined, 7, null]) {
			await assertRefuses(TypeError, () =>
				callUntyped({ openStorage }, "openStorage", name),
			);
		}
		for (const worker of [null, 7, {}]) {
			await assertRefuses(TypeError, () =>
				callUntyped({ openStorage }, "openStorage", "name", { worker }),
			);
		}
	});

	test("a host is made without touching anything", async () => {
		const before = await entriesBelow(await directoryOf(""));
		opfsHost("untouched/store");
		assert.deepEqual(await entriesBelow(await directoryOf("")), before);
	});

	test("a window that may have no files, as a private one of Firefox, is refused", () => {
		const refuse = async () => {
			throw new DOMException("not here", "SecurityError");
		};
		return withProperty(navigator.storage, "getDirectory", refuse, async () => {
			await assertFails("ERR_UNSUPPORTED", () => rootDirectory());
		});
	});

	for (const { what, owner, name, value, message } of LACKS) {
		test(`a platform without ${what} is refused`, () =>
			withProperty(owner(), name, value, async () => {
				const error = await assertFails("ERR_UNSUPPORTED", () =>
					openStorage("store"),
				);
				assert.match(error.message, message);
			}));
	}
}
