import type { Random } from "../support/runs/prng.ts";
import { digestOfFills } from "./packed-frames.ts";
import { PackedScript } from "./packed-script.ts";
import type { PackedWriter } from "./packed-writers.ts";

const CHANGES = /^(write|write_many|write_synced|delete) |^vacuum$/;
const VACUUM_CHANCE = 0.15;

/** One packed store that goes from hand to hand: whoever opens it finds every frame that another has flushed, and no other. */
export class PackedRelay {
	readonly lines: string[] = [];
	readonly #random: Random;
	readonly #script: PackedScript;
	readonly #directory: string;
	readonly #writers: readonly PackedWriter[];
	/** The fill of each GUID's frame. */
	readonly #fills = new Map<string, number>();

	/** GUIDs that the store was made with, to which nothing is done. */
	readonly #others: readonly string[];

	constructor(
		random: Random,
		directory: string,
		writers: readonly PackedWriter[],
		others: readonly string[] = [],
	) {
		this.#random = random;
		this.#script = new PackedScript(random);
		this.#directory = directory;
		this.#writers = writers;
		this.#others = others;
	}

	async run(): Promise<void> {
		for (let left = this.#random.integer(2, 5); left > 0; left -= 1) {
			await this.#hold(this.#random.pick(this.#writers), 8);
		}
		for (const writer of this.#writers) {
			await this.#hold(writer, 0);
		}
	}

	async #hold(writer: PackedWriter, operations: number): Promise<void> {
		const opened = await writer.open(this.#directory);
		this.lines.push(`open, by ${writer.name} → ${opened}`);
		expect(opened, "ok");
		const guids = [...this.#fills.keys()].sort();
		const fills = guids.map((guid) => this.#fills.get(guid) ?? 0);
		const listed = [...guids, ...this.#others].sort();
		expect(await writer.ask("list"), listed.join(" "));
		const digest = ["digest", ...guids].join(" ");
		expect(await writer.ask(digest), digestOfFills(fills));
		for (let left = operations; left > 0; left -= 1) {
			const line = this.#line(writer);
			const answer = await writer.ask(line);
			this.lines.push(`${line} → ${answer}`);
			if (CHANGES.test(line)) {
				expect(answer, "ok");
				this.#change(line.split(" "));
			}
		}
		expect(await writer.ask("close"), "ok");
	}

	/** To vacuum is to read frames, and those that the store was made with have none. */
	#line({ canVacuum }: PackedWriter): string {
		const isWhole = this.#others.length === 0;
		return isWhole && canVacuum && this.#random.chance(VACUUM_CHANCE)
			? "vacuum"
			: this.#script.line();
	}

	#change([operation, ...words]: readonly string[]): void {
		for (const word of words) {
			const [guid = "", fill] = word.split(":");
			if (operation === "delete") {
				this.#fills.delete(guid);
			} else {
				this.#fills.set(guid, Number(fill));
			}
		}
	}
}

function expect(found: string, wanted: string): void {
	if (found !== wanted) {
		throw new Error(`found ${found}, not ${wanted}`);
	}
}
