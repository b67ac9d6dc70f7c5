import { linkSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { DamagedManifest } from "./damaged-manifests.ts";
import type { PackedWriter } from "./packed-writers.ts";

/** What a writer makes of a manifest. */
export interface Verdict {
	/** To the opening of the store, to a list, to reads of all that is in it, to a delete, to `close`. */
	readonly answers: readonly string[];
	/** In hex: once the store is opened or refused, and once it is closed. */
	readonly logs: readonly string[];
}

/** Has a writer open a store with such a manifest, read all that is in it, and go on. `frames` is its blobs.dat. */
export async function verdictOf(
	writer: PackedWriter,
	directory: string,
	{ log, snapshot }: DamagedManifest,
	frames: string,
): Promise<Verdict> {
	mkdirSync(directory);
	const logPath = join(directory, "manifest.log");
	linkSync(frames, join(directory, "blobs.dat"));
	writeFileSync(logPath, log);
	if (snapshot !== undefined) {
		writeFileSync(join(directory, "manifest.bin"), snapshot);
	}
	const answers = [await writer.open(directory)];
	const logs = [readFileSync(logPath, "hex")];
	if (answers[0] !== "ok") {
		return { answers, logs };
	}
	const list = await writer.ask("list");
	answers.push(list);
	const guids = list === "" ? [] : list.split(" ");
	for (const guid of guids) {
		answers.push(await writer.ask(`read ${guid}`));
	}
	for (const guid of guids.slice(0, 1)) {
		answers.push(await writer.ask(`delete ${guid}`));
	}
	answers.push(await writer.ask("close"));
	logs.push(readFileSync(logPath, "hex"));
	return { answers, logs };
}

/**
 * Whether ours is holt's. Two differences are meant: ours refuses to read a slot that lies past 2^53 bytes, where holt computes
 * another; and of a store that it refuses it cuts nothing, where holt cuts a torn tail before it looks at the slots.
 */
export function isSameVerdict(
	ours: Verdict,
	holts: Verdict,
	{ log }: DamagedManifest,
): boolean {
	const alike = (one: string, index: number) =>
		one === "far" || one === holts.answers[index];
	const isSame =
		ours.answers.length === holts.answers.length && ours.answers.every(alike);
	const [answer = ""] = ours.answers;
	if (isSame && /::Manifest::/.test(answer)) {
		return ours.logs.join() === log.toString("hex");
	}
	return isSame && ours.logs.join() === holts.logs.join();
}
