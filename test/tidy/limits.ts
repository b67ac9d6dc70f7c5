import ts from "typescript";
import {
	lineOf,
	nodesOf,
	placeOf,
	type Source,
	sources,
	sourcesIn,
} from "./sources.ts";

const FILE_LINES_MAX = 500;
const FUNCTION_LINES_MAX = 70;
/** Code and comments of what is shipped share it. A tab counts two, as the formatter has it. */
const COLUMNS_MAX = 100;

/** Lines of code and files of what is shipped, in the middle and of nineteen in twenty. */
export interface Figures {
	readonly functionMedian: number;
	readonly function95: number;
	readonly file95: number;
	readonly fileMost: number;
}

/** `path: n lines` of each file that is too long. */
export function longFiles(): string[] {
	return sources.flatMap(({ path, text }) => {
		const lines = text.split("\n").length - 1;
		return lines > FILE_LINES_MAX ? [`${path}: ${lines} lines`] : [];
	});
}

/** `path:line: n lines` of each function that is too long. The body of a test counts for itself, not for what lists it. */
export function longFunctions(): string[] {
	return sources.flatMap((source) =>
		nodesOf(source.tree)
			.filter(ts.isFunctionLike)
			.flatMap((node) => {
				const bodies = nodesOf(node).flatMap((inner) => bodyOfTest(inner));
				const listed = bodies.map((body) => linesOf(source, body) - 1);
				const lines = linesOf(source, node) - sum(listed);
				return lines > FUNCTION_LINES_MAX
					? [`${placeOf(source, node)}: ${lines} lines`]
					: [];
			}),
	);
}

/** Of src/ and hosts/. */
export function shippedFigures(): Figures {
	const shipped = sourcesIn("src", "hosts");
	const functions = shipped.flatMap((source) =>
		nodesOf(source.tree)
			.filter(ts.isFunctionLike)
			.filter((node) => "body" in node && node.body !== undefined)
			.map((node) => linesOf(source, node)),
	);
	const files = shipped.map(({ text }) => text.split("\n").length - 1);
	return {
		functionMedian: quantile(functions, 0.5),
		function95: quantile(functions, 0.95),
		file95: quantile(files, 0.95),
		fileMost: quantile(files, 1),
	};
}

/** `path:line` of each line of what is shipped that is too wide, and is not so for one text that it holds. */
export function wideLines(): string[] {
	return sourcesIn("assembly", "src", "hosts").flatMap((source) => {
		const texts = nodesOf(source.tree).filter(
			(node) => ts.isStringLiteralLike(node) || ts.isTemplateExpression(node),
		);
		const excused = new Set(
			texts.map((node) => lineOf(source.tree, node.getStart(source.tree))),
		);
		return source.text.split("\n").flatMap((line, index) => {
			const isWide = line.replaceAll("\t", "  ").length > COLUMNS_MAX;
			return isWide && !excused.has(index)
				? [`${source.path}:${index + 1}`]
				: [];
		});
	});
}

function quantile(numbers: readonly number[], part: number): number {
	const sorted = [...numbers].sort((one, other) => one - other);
	return sorted[Math.ceil(part * sorted.length) - 1] ?? 0;
}

/** The function that a call like `test("a sentence", () => { … })` hands over. */
function bodyOfTest(node: ts.Node): ts.Node[] {
	if (!ts.isCallExpression(node)) {
		return [];
	}
	const [title, ...rest] = node.arguments;
	const isTitled =
		title !== undefined &&
		(ts.isStringLiteralLike(title) || ts.isTemplateExpression(title));
	return isTitled ? rest.filter(ts.isArrowFunction) : [];
}

function sum(numbers: readonly number[]): number {
	return numbers.reduce((total, number) => total + number, 0);
}

/** From its first line to its last, without the comment above it. */
function linesOf({ tree }: Source, node: ts.Node): number {
	return lineOf(tree, node.end) - lineOf(tree, node.getStart(tree)) + 1;
}
