import { assert } from "chai";
import type { Host } from "../../../src/host/host.ts";
import { writeRaw } from "../hosts/raw-file.ts";
import { fromHex, joined, toHex } from "../runs/bytes.ts";
import { KeptSession } from "../rust/kept-session.ts";

/** A small store that an earlier version of dualslot wrote, and that version's findings. */
export interface DualslotStore {
	readonly name: string;
	/** The commit of that version. */
	readonly commit: string;
	/** The script that wrote it, for test/support/rust/kept-writer.ts. */
	readonly script: readonly string[];
	/** The questions to that version afterwards, line by line, and its answers. */
	readonly dialogue: readonly (readonly [question: string, answer: string])[];
	/** By path, in hex; `00x11` stands for eleven zero bytes. */
	readonly files: Readonly<Record<string, string>>;
}

const ZEROS = /^00x(\d+)$/;
const RUN_MIN = 16;

/** Makes the files of a kept store in an empty host. */
export async function layDown(
	host: Host,
	{ files }: Pick<DualslotStore, "files">,
): Promise<void> {
	for (const [path, text] of Object.entries(files)) {
		await writeRaw(host, path, unpacked(text));
	}
}

/**
 * Asks every question of a kept store; fails where an answer differs. Further members of a report
 * are ignored.
 */
export async function assertDialogue(
	host: Host,
	{ dialogue }: Pick<DualslotStore, "dialogue">,
): Promise<void> {
	const found = await answersTo(
		host,
		dialogue.map(([question]) => question),
	);
	for (const [index, [question, answer]] of dialogue.entries()) {
		if (question === "recovery") {
			assertHolds(JSON.parse(found[index] ?? ""), JSON.parse(answer), question);
		} else {
			assert.equal(found[index], answer, question);
		}
	}
}

/** A session that the questions leave open ends like a crash. */
export async function answersTo(
	host: Host,
	questions: readonly string[],
): Promise<string[]> {
	const session = new KeptSession(host);
	const answers: string[] = [];
	try {
		for (const question of questions) {
			answers.push(await session.obey(question));
		}
	} finally {
		await session.drop();
	}
	return answers;
}

/** Counts runs of zeros. */
export function packed(bytes: Uint8Array): string {
	const words: string[] = [];
	let start = 0;
	for (let at = 0; at < bytes.length; ) {
		const end = endOfZeros(bytes, at);
		if (end - at >= RUN_MIN) {
			words.push(toHex(bytes.subarray(start, at)), `00x${end - at}`);
			start = end;
		}
		at = Math.max(end, at + 1);
	}
	words.push(toHex(bytes.subarray(start)));
	return words.filter((word) => word !== "").join(" ");
}

function unpacked(text: string): Uint8Array {
	return joined(
		...text.split(" ").map((word) => {
			const zeros = ZEROS.exec(word)?.[1];
			return zeros === undefined
				? fromHex(word)
				: new Uint8Array(Number(zeros));
		}),
	);
}

function endOfZeros(bytes: Uint8Array, from: number): number {
	let end = from;
	while (end < bytes.length && bytes[end] === 0) {
		end += 1;
	}
	return end;
}

/** All earlier findings are found: a later version may only add more. */
function assertHolds(found: unknown, kept: unknown, place: string): void {
	if (typeof kept !== "object" || kept === null) {
		assert.equal(found, kept, place);
		return;
	}
	const now = Object(found);
	if (Array.isArray(kept)) {
		assert.lengthOf(now, kept.length, place);
	}
	for (const [key, value] of Object.entries(kept)) {
		assertHolds(now[key], value, `${place}.${key}`);
	}
}
