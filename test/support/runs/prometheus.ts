import { assert } from "chai";

interface Metric {
	readonly name: string;
	readonly labels: Readonly<Record<string, string>>;
	readonly value: number;
}

const HELP = /^# HELP ([a-zA-Z_:][\w:]*) \S.*$/;
const TYPE = /^# TYPE ([a-zA-Z_:][\w:]*) (counter|gauge|histogram)$/;
const SAMPLE = /^([a-zA-Z_:][\w:]*)\{(.*)\} (-?[\d.]+(?:e[+-]?\d+)?)$/;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\\n]|\\[\\n"])*)"(?:,|$)/y;
const OF_HISTOGRAM = /_(bucket|sum|count)$/;

/**
 * Parses a page of metrics. Fails for violations of Prometheus' text format, or of its rules of
 * names.
 */
export function parseMetrics(page: string) {
	assert.match(page, /\n$/);
	const samples: Metric[] = [];
	const types = new Map<string, string>();
	let current = "";
	for (const line of page.slice(0, -1).split("\n")) {
		const [, helped] = HELP.exec(line) ?? [];
		const [, typed = "", type = ""] = TYPE.exec(line) ?? [];
		if (helped !== undefined) {
			assert.isFalse(types.has(helped), `${helped} comes twice`);
			current = helped;
		} else if (typed !== "") {
			assert.equal(typed, current);
			assert.equal(typed.endsWith("_total"), type === "counter", line);
			types.set(typed, type);
		} else {
			samples.push(sampleIn(line, current, types.get(current)));
		}
	}
	assertHistograms(samples);
	return { samples, types };
}

function sampleIn(line: string, metric: string, type?: string): Metric {
	const [, name = "", text = "", value] = SAMPLE.exec(line) ?? [];
	const base = type === "histogram" ? name.replace(OF_HISTOGRAM, "") : name;
	assert.equal(base, metric, line);
	return { name, labels: labelsIn(text), value: Number(value) };
}

function labelsIn(text: string): Record<string, string> {
	const labels: Record<string, string> = {};
	LABEL.lastIndex = 0;
	while (LABEL.lastIndex < text.length) {
		const [, name = "", value = ""] = LABEL.exec(text) ?? assert.fail(text);
		assert.notProperty(labels, name);
		labels[name] = value.replace(/\\(.)/g, (_, character) =>
			character === "n" ? "\n" : character,
		);
	}
	return labels;
}

/** Buckets ascend, count all below, and end with +Inf, which is the count. */
function assertHistograms(samples: readonly Metric[]): void {
	for (const { name, labels, value } of samples) {
		if (name.endsWith("_seconds_count")) {
			const bucket = name.replace(/_count$/, "_bucket");
			const own = samples.filter(
				(one) => one.name === bucket && one.labels.store === labels.store,
			);
			const bounds = own.map(({ labels: { le = "" } }) =>
				le === "+Inf" ? Number.POSITIVE_INFINITY : Number(le),
			);
			const counts = own.map((one) => one.value);
			assert.deepEqual(
				bounds,
				[...bounds].sort((a, b) => a - b),
			);
			assert.deepEqual(
				counts,
				[...counts].sort((a, b) => a - b),
			);
			assert.equal(bounds.at(-1), Number.POSITIVE_INFINITY);
			assert.equal(counts.at(-1), value);
			const sum = name.replace(/_count$/, "_sum");
			assert.isDefined(samples.find((one) => one.name === sum));
		}
	}
}
