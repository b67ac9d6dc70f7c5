import ts from "typescript";
import { findings } from "./findings.ts";
import { nodesOf, sourcesIn } from "./sources.ts";

/**
 * Where a call is given as many arguments as something has members: an engine throws RangeError at some hundred thousand. A spread of
 * members that are written down is none, nor are a function's own arguments, handed on.
 */
export function spreadsOfMany(): string[] {
	return findings(sourcesIn("src", "hosts"), (node) => {
		const isCall = ts.isCallExpression(node) || ts.isNewExpression(node);
		const spread = isCall
			? node.arguments?.find(
					(argument) => ts.isSpreadElement(argument) && !isCounted(argument),
				)
			: undefined;
		return (spread !== undefined || isApply(node)) && node.getText();
	});
}

/** Where a list or an object that is written down is spread into another: its members belong there themselves. */
export function spreadsOfLiterals(): string[] {
	return findings(sourcesIn("src", "hosts", "assembly"), (node) => {
		const isSpread = ts.isSpreadElement(node) || ts.isSpreadAssignment(node);
		return isSpread && isLiteral(node.expression) && node.getText();
	});
}

/** `path: name` of each function and method that calls itself: the stack ends at some ten thousand calls. */
export function recursions(): string[] {
	return sourcesIn("src", "hosts").flatMap(({ path, tree }) =>
		nodesOf(tree).flatMap((node) => {
			const isNamed =
				ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node);
			const name = isNamed ? node.name?.getText() : undefined;
			const isFound = name !== undefined && isCalledIn(node, name);
			return isFound ? [`${path}: ${name}`] : [];
		}),
	);
}

function isLiteral(expression: ts.Expression): boolean {
	return ts.isAsExpression(expression)
		? isLiteral(expression.expression)
		: ts.isArrayLiteralExpression(expression) ||
				ts.isObjectLiteralExpression(expression);
}

function isCounted({ expression }: ts.SpreadElement): boolean {
	const inner = ts.isParenthesizedExpression(expression)
		? expression.expression
		: expression;
	const array = ts.isAsExpression(inner) ? inner.expression : inner;
	if (ts.isArrayLiteralExpression(array)) {
		return !array.elements.some(ts.isSpreadElement);
	}
	return ts.isIdentifier(array) && isRestParameter(array);
}

function isRestParameter(name: ts.Identifier): boolean {
	let scope: ts.Node = name;
	while (!ts.isFunctionLike(scope) && scope.parent !== undefined) {
		scope = scope.parent;
	}
	return (
		ts.isFunctionLike(scope) &&
		scope.parameters.some(
			(parameter) =>
				parameter.dotDotDotToken !== undefined &&
				parameter.name.getText() === name.text,
		)
	);
}

function isApply(node: ts.Node): boolean {
	return (
		ts.isCallExpression(node) &&
		ts.isPropertyAccessExpression(node.expression) &&
		node.expression.name.text === "apply"
	);
}

function isCalledIn(node: ts.Node, name: string): boolean {
	const called = ts.isMethodDeclaration(node) ? `this.${name}` : name;
	const isCallOfIt = (inner: ts.Node): boolean =>
		(ts.isCallExpression(inner) && inner.expression.getText() === called) ||
		ts.forEachChild(inner, isCallOfIt) === true;
	return isCallOfIt(node);
}
