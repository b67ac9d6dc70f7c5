import { join } from "node:path";
import { hex } from "../../src/bytes.ts";
import { blobNameOfSection } from "../../src/journal/section.ts";
import type { Random } from "../support/runs/prng.ts";
import type { ScriptShape } from "../support/rust/script-shape.ts";
import { damageFile, filesOf } from "./blob-files.ts";
import { Copy } from "./copy.ts";
import { HEADER_SIZE, randomDamage } from "./damage.ts";
import { randomItems, randomSections } from "./shapes.ts";
import type { Writer } from "./writers.ts";

export interface CrossingOptions {
	readonly shape: ScriptShape;
	/** An empty directory. */
	readonly parent: string;
	/** The one that has the first copy open first, then the other. */
	readonly writers: readonly [Writer, Writer];
	/** Whether both write the same bytes even after a cut within a page. */
	readonly cutsAlike: boolean;
}

/**
 * A random script, done to two copies of a store at once, one by each writer, who change places from session to session:
 * what one wrote, the other recovers and goes on with, and it comes back. All answers must be the same, and after each sync
 * and each recovery all bytes.
 */
export class Crossing {
	/** What was done, line by line; the first copy's where they differ. */
	readonly lines: string[] = [];
	readonly #random: Random;
	readonly #shape: ScriptShape;
	readonly #sections: readonly bigint[];
	readonly #copies: readonly [Copy, Copy];
	readonly #cutsAlike: boolean;
	#writers: readonly [Writer, Writer];
	/** False from the first cut on that leaves other bytes behind it, and for what is compressed: zstd's bytes are nobody's promise. */
	#comparesBytes = true;

	constructor(random: Random, options: CrossingOptions) {
		const { shape, parent, writers, cutsAlike } = options;
		this.#random = random;
		this.#shape = shape;
		this.#sections = randomSections(random);
		this.#copies = [
			new Copy(join(parent, "first"), shape),
			new Copy(join(parent, "second"), shape),
		];
		this.#writers = writers;
		this.#cutsAlike = cutsAlike;
		this.#comparesBytes = shape.level === 0;
	}

	async run(): Promise<void> {
		for (let left = this.#random.integer(1, 5); left > 0; left -= 1) {
			await this.#session(this.#random.integer(1, 16));
			if (this.#random.integer(0, 2) === 0) {
				this.#damage();
			}
			this.#changePlaces();
		}
		// Each reads what the other wrote last.
		await this.#session(0);
	}

	async #session(operations: number): Promise<void> {
		await this.#open();
		for (let left = operations; left > 0; left -= 1) {
			await this.#operation();
		}
		await this.#tell(() => "sync_all");
		this.#compareFiles();
		await this.#compareContents();
		await this.#tell(() => "close");
		this.#compareFiles();
	}

	async #open(): Promise<void> {
		const opened = await Promise.all(
			this.#copies.map(({ directory }, index) =>
				this.#writerOf(index).open(directory, this.#shape),
			),
		);
		this.#note("open", opened);
		for (const section of this.#sections) {
			const sizes = await this.#tell(() => `size ${section}`);
			for (const [index, copy] of this.#copies.entries()) {
				copy.ledger.cut(section, Number(sizes[index]));
			}
		}
		// A section of a glob is opened when it is first asked for.
		this.#compareFiles();
	}

	async #operation(): Promise<void> {
		const section = this.#random.pick(this.#sections);
		switch (this.#random.integer(0, 12)) {
			case 0:
				await this.#tell(() => "sync_all");
				return this.#compareFiles();
			case 1:
			case 2:
				await this.#tell(() => `sync ${section}`);
				return this.#compareFiles(section);
			case 3:
				return this.#rewind("rewind", section);
			case 4:
				return this.#rewind("rewind_section", section);
			case 5:
				return this.#prune(section);
			default:
				return this.#append(section);
		}
	}

	async #append(section: bigint): Promise<void> {
		const items = randomItems(this.#random, this.#shape).join(" ");
		const answers = await this.#tell(() => `append ${section} ${items}`);
		for (const [index, { ledger }] of this.#copies.entries()) {
			const answer = answers[index] ?? "";
			if (/^\d/.test(answer)) {
				ledger.appended(section, answer);
			}
		}
	}

	async #rewind(operation: string, section: bigint): Promise<void> {
		const [{ ledger }] = this.#copies;
		const records = this.#random.integer(0, ledger.count(section) + 1);
		const size = ledger.sizeOf(section, records);
		if (!this.#cutsAlike && size % this.#shape.pageSize !== 0) {
			this.#comparesBytes = false;
		}
		if (this.#shape.kind !== "paged" && records === ledger.count(section)) {
			// Where nothing is cut dualslot makes durable what is held, and commonware leaves it: bytes of a page would differ.
			await this.#tell(() => `sync ${section}`);
		}
		const [answer] = await this.#tell(
			(copy) =>
				`${operation} ${section} ${copy.ledger.sizeOf(section, records)}`,
		);
		if (answer !== "ok") {
			return;
		}
		const isPaged = this.#shape.kind === "paged";
		for (const copy of this.#copies) {
			copy.ledger.cut(section, copy.ledger.sizeOf(section, records));
			for (const later of this.#sections) {
				if (operation === "rewind" && !isPaged && later > section) {
					copy.ledger.cut(later, 0);
				}
			}
		}
	}

	async #prune(min: bigint): Promise<void> {
		await this.#tell(() => `prune ${min}`);
		for (const { ledger } of this.#copies) {
			for (const section of this.#sections) {
				if (section < min) {
					ledger.cut(section, 0);
				}
			}
		}
	}

	async #compareContents(): Promise<void> {
		const { kind } = this.#shape;
		const [answer = ""] = await this.#tell(({ ledger }) =>
			kind === "glob" ? ["digest", ...ledger.places()].join(" ") : "digest",
		);
		const [{ ledger }] = this.#copies;
		const records = this.#sections.reduce(
			(sum, section) => sum + ledger.count(section),
			0,
		);
		const known = ledger.isFlipped ? "checksum" : String(records);
		if (kind !== "paged" && answer.split(" ")[0] !== known) {
			throw new Error(`${known} records were to be found: ${answer}`);
		}
	}

	/** Tears the same file of both copies, as long as they hold the same bytes. */
	#damage(): void {
		const [{ directory }] = this.#copies;
		const files = Object.entries(filesOf(directory));
		if (!this.#comparesBytes || files.length === 0) {
			return;
		}
		const [path, bytes] = this.#random.pick(files);
		const damage = randomDamage(
			this.#random,
			this.#shape,
			path,
			bytes.length / 2,
		);
		this.lines.push(`${damage.kind} ${path} ${JSON.stringify(damage)}`);
		for (const copy of this.#copies) {
			damageFile(join(copy.directory, path), damage);
			if (damage.kind === "flip" && this.#shape.kind === "glob") {
				const { at, bits } = damage;
				copy.ledger.flip(sectionOf(path), at - HEADER_SIZE, bits);
			}
		}
		const cutsEntries = ["fixed", "variable", "oversized"].includes(
			this.#shape.kind,
		);
		this.#comparesBytes = this.#cutsAlike || !cutsEntries;
	}

	#changePlaces(): void {
		const [first, second] = this.#writers;
		this.#writers = [second, first];
	}

	#writerOf(copy: number): Writer {
		const writer = this.#writers[copy];
		if (writer === undefined) {
			throw new Error(`there is no copy ${copy}`);
		}
		return writer;
	}

	/** Has both writers do the same at once. */
	async #tell(line: (copy: Copy) => string): Promise<string[]> {
		const told = this.#copies.map((copy) => line(copy));
		const answers = await Promise.all(
			told.map((text, index) => this.#writerOf(index).ask(text)),
		);
		this.#note(told[0] ?? "", answers);
		return answers;
	}

	#note(line: string, answers: readonly string[]): void {
		const [first, second] = answers.map((answer) => this.#told(line, answer));
		this.lines.push(`${line} → ${first}`);
		if (first !== second) {
			throw new Error(`the other answers ${second}`);
		}
	}

	/** What both have to answer alike: of compressed records not where they lie. */
	#told(line: string, answer: string): string {
		const isPlace = /^(append|size) /.test(line) && /^\d/.test(answer);
		return isPlace && this.#shape.level > 0 ? "some place" : answer;
	}

	/** Of one section, or all. */
	#compareFiles(section?: bigint): void {
		if (!this.#comparesBytes) {
			return;
		}
		const name = section === undefined ? "" : hex(blobNameOfSection(section));
		const [first, second] = this.#copies.map(({ directory }) =>
			Object.entries(filesOf(directory))
				.filter(([path]) => path.endsWith(name))
				.map((file) => file.join(" "))
				.join("\n"),
		);
		if (first !== second) {
			throw new Error(`the bytes differ:\n${first}\n\n${second}`);
		}
	}
}

function sectionOf(path: string): bigint {
	return BigInt(`0x${path.slice(path.indexOf("/") + 1)}`);
}
