/** @import { WriteStream } from "node:tty" */

const TEXT_WIDTH = 79;
const BAR_WIDTH = 24;
const REDRAW_MILLISECONDS = 40;
const ERASE_LINE = "\r\x1b[K";
/** The parameters of an ANSI escape sequence, and those that undo it. */
const STYLES = { bold: [1, 22], dim: [2, 22], red: [31, 39], green: [32, 39] };

/** Lines of text; and on a terminal, colours and a progress bar in the last line. */
export class Screen {
	#stream;
	#isTerminal;
	#isColoured;
	#drawnAt = 0;

	/** @param {Pick<WriteStream, "write" | "isTTY" | "columns">} stream @param {Record<string, string | undefined>} environment */
	constructor(stream, environment) {
		this.#stream = stream;
		this.#isTerminal = stream.isTTY && environment.TERM !== "dumb";
		this.#isColoured = this.#isTerminal && !environment.NO_COLOR;
	}

	line(text = "") {
		this.#stream.write(`${this.#isTerminal ? ERASE_LINE : ""}${text}\n`);
	}

	/** Text of any length, as lines that end between words. @param {string} text @param {keyof typeof STYLES} [style] */
	paragraph(text, style) {
		for (const line of wrapped(text)) {
			this.line(style ? this.styled(style, line) : line);
		}
	}

	/** Shown until the next line or the next progress. @param {number} share of 1 @param {string} text */
	progress(share, text) {
		const now = performance.now();
		if (this.#isTerminal && now - this.#drawnAt > REDRAW_MILLISECONDS) {
			this.#drawnAt = now;
			const done = Math.round(Math.min(1, share) * BAR_WIDTH);
			const bar = "█".repeat(done) + "░".repeat(BAR_WIDTH - done);
			const percent = `${Math.floor(share * 100)}%`.padStart(4);
			const whole = `${bar} ${percent}  ${text}`;
			// A line that wraps could not be erased.
			const shown = whole.slice(0, this.#stream.columns - 1);
			this.#stream.write(ERASE_LINE + shown);
		}
	}

	/** @param {keyof typeof STYLES} style @param {string} text */
	styled(style, text) {
		const [on, off] = STYLES[style];
		return this.#isColoured ? `\x1b[${on}m${text}\x1b[${off}m` : text;
	}
}

/** @param {string} text */
function wrapped(text) {
	const [first, ...words] = text.split(" ");
	const lines = [first];
	for (const word of words) {
		const longer = `${lines.at(-1)} ${word}`;
		if (longer.length > TEXT_WIDTH) {
			lines.push(word);
		} else {
			lines[lines.length - 1] = longer;
		}
	}
	return lines;
}
