import ts from "typescript";
import { findings } from "./findings.ts";
import { sourcesIn } from "./sources.ts";

const CLOSES = /(^|\.)(close|closeSync|unlock\w*)$/;
const NEVER_FAILS = /^Promise\.allSettled\(/;

/**
 * Where a block that runs after a failure may fail itself, and so hide why: a `finally` that waits, or closes; a `catch` that waits,
 * and then throws what it caught.
 */
export function hiddenFailures(): string[] {
	return findings(sourcesIn("src", "hosts"), (node) => {
		if (!ts.isBlock(node) || !isAfterFailure(node)) {
			return false;
		}
		const risk = firstIn(node, isRisk);
		return risk?.getText() ?? false;
	});
}

function isAfterFailure(block: ts.Block): boolean {
	const { parent } = block;
	const isFinally = ts.isTryStatement(parent) && parent.finallyBlock === block;
	const last = block.statements[block.statements.length - 1];
	const isRethrown = last !== undefined && ts.isThrowStatement(last);
	return isFinally || (ts.isCatchClause(parent) && isRethrown);
}

function isRisk(node: ts.Node): boolean {
	return (
		(ts.isAwaitExpression(node) &&
			!NEVER_FAILS.test(node.expression.getText())) ||
		(ts.isCallExpression(node) && CLOSES.test(node.expression.getText()))
	);
}

/** Of a block's own code, without that of functions in it. */
function firstIn(
	node: ts.Node,
	judge: (node: ts.Node) => boolean,
): ts.Node | undefined {
	if (judge(node)) {
		return node;
	}
	return ts.isFunctionLike(node)
		? undefined
		: ts.forEachChild(node, (inner) => firstIn(inner, judge));
}
