import ts from "typescript";
import { lineOf, nodesOf, placeOf, type Source, sources } from "./sources.ts";

const FILE_LINES_MAX = 500;
const FUNCTION_LINES_MAX = 70;

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
