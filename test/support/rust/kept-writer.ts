import { memoryHost } from "../../../hosts/memory.ts";
import type { Host } from "../../../src/host/host.ts";
import { importFrom } from "../../../src/transfer/index.ts";
import type { Awaitable } from "../../../src/turns/awaitable.ts";
import { hostOf, imageOf } from "../disks/crash-disk.ts";
import { InterceptedHost } from "../hosts/intercepted-host.ts";
import { mangleRaw, readRaw, truncateRaw } from "../hosts/raw-file.ts";
import { fromHex } from "../runs/bytes.ts";
import { withStorage } from "../runs/suite.ts";
import { exported, streamOf } from "../stores/archives.ts";
import { KeptSession } from "./kept-session.ts";

/**
 * The store that a script leaves. Between sessions, `cut` gives a file another length, `put`
 * overwrites bytes, `zero` writes zeros, and `repeat` repeats the file's bytes a number of times.
 * With `import N` another store replaces this one: the target of an import of this store, whose
 * process died before it renamed or removed its Nth file.
 */
export async function writtenBy(script: readonly string[]): Promise<Host> {
	let host = memoryHost();
	let session = new KeptSession(host);
	try {
		for (const line of script) {
			const [operation, path = "", ...words] = line.split(" ");
			const [first = 0, second = 0] = words.map(Number);
			switch (operation) {
				case "cut":
					await truncateRaw(host, path, first);
					break;
				case "zero":
					await mangleRaw(host, path, first, new Uint8Array(second - first));
					break;
				case "put":
					await mangleRaw(host, path, first, fromHex(words[1] ?? ""));
					break;
				case "repeat":
					await repeat(host, path, first);
					break;
				case "import":
					await session.drop();
					host = await halfImported(host, Number(path));
					session = new KeptSession(host);
					break;
				default:
					await obeyed(session, line);
			}
		}
		return host;
	} finally {
		await session.drop();
	}
}

async function repeat(host: Host, path: string, times: number): Promise<void> {
	const once = await readRaw(host, path);
	const whole = new Uint8Array(once.length * times);
	for (let at = 0; at < whole.length; at += once.length) {
		whole.set(once, at);
	}
	await mangleRaw(host, path, 0, whole);
}

async function obeyed(session: KeptSession, line: string): Promise<void> {
	const answer = await session.obey(line);
	if (answer.startsWith("ERR_")) {
		throw new Error(`${line} fails with ${answer}`);
	}
}

async function halfImported(from: Host, changes: number): Promise<Host> {
	const archive = await withStorage(from, exported, { readOnly: true });
	const dying = new InterceptedHost(memoryHost());
	let left: Host | undefined;
	await withStorage(dying, async (storage) => {
		let count = 0;
		const dyingAt = async <T>(change: () => Awaitable<T>): Promise<T> => {
			count += 1;
			left = count === changes ? await hostOf(await imageOf(dying)) : left;
			return change();
		};
		dying.hooks = {
			rename: (_from, _to, rename) => dyingAt(rename),
			remove: (_path, remove) => dyingAt(remove),
		};
		await importFrom(storage, streamOf(archive));
	});
	if (left === undefined) {
		throw new Error(`no import makes ${changes} changes of a name`);
	}
	return left;
}
