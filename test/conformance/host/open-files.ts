import { assert } from "chai";
import type { Host, HostFile } from "../../../src/host/host.ts";
import { withFile } from "../../support/hosts/raw-file.ts";
import { bytesOf } from "../../support/runs/bytes.ts";
import { content, fill, type StoreTest, textIn } from "./text-files.ts";

export function openFileRows(test: StoreTest): void {
	const whileOpen = (
		name: string,
		body: (host: Host, handle: HostFile) => Promise<void>,
	) =>
		test(name, async (host) => {
			if (host.capabilities.removeOpenFile) {
				await host.makeDirectory("directory");
				await fill(host, "directory/file", "own");
				await withFile(host, "directory/file", "write", (handle) =>
					body(host, handle),
				);
			}
		});

	whileOpen(
		"a removed file stays readable where it is open",
		async (host, handle) => {
			await host.remove("directory/file");
			assert.equal(await textIn(handle), "own");
			await handle.sync();
		},
	);
	whileOpen(
		"the file of a removed directory stays readable where it is open",
		async (host, handle) => {
			await host.remove("directory");
			assert.equal(await textIn(handle), "own");
		},
	);
	whileOpen(
		"a new file of a removed one's name is another file",
		async (host, handle) => {
			await host.remove("directory/file");
			await fill(host, "directory/file", "another");
			assert.equal(await textIn(handle), "own");
			await handle.write([bytesOf("OWN")], 0);
			assert.equal(await content(host, "directory/file"), "another");
		},
	);
	whileOpen(
		"a file that a rename replaced stays readable where it is open",
		async (host, handle) => {
			await fill(host, "source", "new");
			await host.rename("source", "directory/file");
			assert.equal(await textIn(handle), "own");
			assert.equal(await content(host, "directory/file"), "new");
		},
	);
	whileOpen(
		"a renamed file is the same file where it is open",
		async (host, handle) => {
			await host.rename("directory/file", "moved");
			await handle.write([bytesOf("moved")], 0);
			assert.equal(await content(host, "moved"), "moved");
		},
	);
}
