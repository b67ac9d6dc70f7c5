import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { nodeHost } from "../build/node.js";
import { lookedInto } from "./finding.mjs";
import { LineStore } from "./line-store.mjs";

/** @import { ChildProcess } from "node:child_process" */
/** @import { RecoveryReport } from "../build/types/src/index.d.ts" */
/** @import { Finding } from "./finding.mjs" */
/** @import { Random } from "./random.mjs" */
/** @import { Lines } from "./text-file.mjs" */

/**
 * What the writer says.
 *
 * @typedef {{ event: "opening" | "complete" }
 *   | { event: "recovered", recovery: RecoveryReport, equal: number }
 *   | { event: "durable", count: number }} Message
 */

/**
 * One life of the writer, from its start to its end.
 *
 * @typedef {object} Life
 * @property {number} owed lines that were acknowledged before it
 * @property {RecoveryReport} [recovery] missing when it was killed before it had recovered
 * @property {Finding} [finding]
 */

/**
 * When a writer is killed: so many milliseconds after a message that makes it due.
 *
 * @typedef {object} Death
 * @property {number} delay
 * @property {(message: Message) => boolean} isDue
 */

const WRITER = fileURLToPath(new URL("writer.mjs", import.meta.url));
/** How long a writer would live if all lived equally long. */
const LIFE_MILLISECONDS = 500;
/** Opening takes about as long as this. */
const OPENING_MILLISECONDS = 60;

/** Has a file appended by a writer that is killed over and over, and remembers what was acknowledged. */
export class Killing {
	/** Lines that the writer was told are durable, and so must be there from now on. */
	acknowledged = 0;
	kills = 0;
	#settings;
	#pace;
	/** @type {ChildProcess | undefined} */
	#writer;

	/**
	 * @param {object} settings
	 * @param {string} settings.directory
	 * @param {string} settings.file
	 * @param {Lines} settings.lines
	 * @param {number} settings.kills
	 * @param {boolean} settings.isSynced
	 * @param {Random} settings.random
	 * @param {(acknowledged: number) => void} settings.onDurable
	 */
	constructor(settings) {
		this.#settings = settings;
		const lives = settings.kills + 1;
		this.#pace = settings.lines.count / (lives * LIFE_MILLISECONDS);
	}

	/** The writer's lives after each kill; the last one is left to finish and to close the store. */
	async *restarts() {
		const { kills } = this.#settings;
		for (; this.kills < kills; this.kills += 1) {
			const life = await this.#live(this.#chooseDeath());
			if (this.kills > 0) {
				yield { kills: this.kills, ...life };
			}
		}
		const life = await this.#live(undefined);
		yield { kills, ...life };
	}

	/** What the finished store holds, read by this process and not by the writer. */
	async lookAgain() {
		const { directory, lines, isSynced } = this.#settings;
		const options = { isSynced, readOnly: true };
		const store = await LineStore.open(nodeHost(directory), lines, options);
		const { recovery } = store;
		const equal = await store.countEqual();
		await store.close();
		const finding = lookedInto(lines, lines.count, { recovery, equal });
		return { owed: lines.count, recovery, finding };
	}

	/** Ends the writer, if there is one. */
	stop() {
		this.#writer?.kill("SIGKILL");
	}

	/**
	 * One in five dies while it opens the store, the others once some more lines are durable: few enough to leave some to
	 * those that come after.
	 *
	 * @returns {Death}
	 */
	#chooseDeath() {
		const { random, lines, kills } = this.#settings;
		if (random.chance(0.2)) {
			return {
				delay: random.next() * OPENING_MILLISECONDS,
				isDue: ({ event }) => event === "opening",
			};
		}
		const share = (lines.count - this.acknowledged) / (kills - this.kills + 1);
		const last = this.acknowledged + random.next() * 1.5 * share;
		return {
			delay: random.next() * 4,
			isDue: (message) =>
				message.event === "complete" ||
				(message.event === "durable" && message.count >= last),
		};
	}

	/** @param {Death} [death] @returns {Promise<Life>} */
	async #live(death) {
		/** @type {Life} */
		const life = { owed: this.acknowledged };
		const writer = this.#start();
		writer.on("message", (/** @type {Message} */ message) => {
			this.#hear(message, life);
			if (death?.isDue(message)) {
				setTimeout(() => writer.kill("SIGKILL"), death.delay);
			} else if (message.event === "complete" && death === undefined) {
				writer.send("close");
			}
		});
		// What it said before it died may still lie in the pipe when it is dead.
		const heardAll = once(writer, "disconnect");
		const [code, signal] = await once(writer, "exit");
		await heardAll;
		if (death === undefined ? code !== 0 : signal !== "SIGKILL") {
			throw new Error(`the writer ended by itself, with ${signal ?? code}`);
		}
		return life;
	}

	/** @param {Message} message @param {Life} life */
	#hear(message, life) {
		const { lines, onDurable } = this.#settings;
		if (message.event === "recovered") {
			life.recovery = message.recovery;
			life.finding = lookedInto(lines, life.owed, message);
		}
		if (message.event === "durable") {
			this.acknowledged = message.count;
			onDurable(message.count);
		}
	}

	#start() {
		const { directory, file, isSynced } = this.#settings;
		const writer = fork(WRITER, [
			directory,
			file,
			String(this.#pace),
			String(isSynced),
		]);
		this.#writer = writer;
		return writer;
	}
}
