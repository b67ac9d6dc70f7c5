import ts from "typescript";
import { findings } from "./findings.ts";
import { nodesOf, placeOf, type Source, sourcesIn } from "./sources.ts";

const HOST_OBJECTS = new Set([
	...["Bun", "Deno", "globalThis", "importScripts", "navigator", "process"],
	...["self", "window"],
]);
const HOST_FILES = new Set(["src/core/exports.ts", "src/core/module.ts"]);

/** Where the engine or the core asks where it runs. */
export function hostChecks(): string[] {
	return findings(sourcesIn("src", "assembly"), (node) => {
		const isQuestion =
			(ts.isTypeOfExpression(node) || ts.isPropertyAccessExpression(node)) &&
			ts.isIdentifier(node.expression) &&
			HOST_OBJECTS.has(node.expression.text);
		return isQuestion && node.getText();
	});
}

/** Where `WebAssembly` is named in code, but for the door to the core. */
export function strayWebAssembly(): string[] {
	const others = sourcesIn("src", "hosts", "demo", "bench").filter(
		({ path }) => !HOST_FILES.has(path),
	);
	return findings(
		others,
		(node) => ts.isIdentifier(node) && node.text === "WebAssembly" && node.text,
	);
}

/**
 * Where the engine or a host asks for a class of the platform's, or for an error's: another realm has others. A class
 * of its own, which nobody else makes, is asked for by `instanceof`.
 */
export function realmChecks(): string[] {
	const shipped = sourcesIn("src", "hosts");
	const own = new Set(
		shipped
			.flatMap(({ tree }) => nodesOf(tree))
			.filter(ts.isClassDeclaration)
			.map(({ name }) => name?.text)
			.filter((name) => name?.endsWith("Error") === false),
	);
	return findings(shipped, (node) => {
		const isQuestion =
			ts.isBinaryExpression(node) &&
			node.operatorToken.kind === ts.SyntaxKind.InstanceOfKeyword;
		return isQuestion && !own.has(node.right.getText()) && node.getText();
	});
}

/** Where an error is made that has no code: neither one of dualslot's nor one of a platform's. */
export function errorsWithoutCode(): string[] {
	return findings(sourcesIn("src", "hosts"), (node) => {
		const isMade =
			ts.isNewExpression(node) && node.expression.getText() === "Error";
		return isMade && node.getText();
	});
}

/** Where a clock is read that can be set back: what waits for a time to come would wait on. */
export function wallClocks(): string[] {
	return findings(sourcesIn("src", "hosts"), (node) => {
		const isDate = ts.isIdentifier(node) && node.text === "Date";
		return isDate && node.parent.getText();
	});
}

/** What would make the core need a runtime or a memory of strings. */
export function impurities(): string[] {
	return findings(sourcesIn("assembly"), (node) => {
		switch (node.kind) {
			case ts.SyntaxKind.NewExpression:
			case ts.SyntaxKind.ThrowStatement:
			case ts.SyntaxKind.ObjectLiteralExpression:
			case ts.SyntaxKind.TemplateExpression:
			case ts.SyntaxKind.NoSubstitutionTemplateLiteral:
				return node.getText();
			case ts.SyntaxKind.ArrayLiteralExpression:
				return !isStaticData(node.parent) && node.getText();
			case ts.SyntaxKind.StringLiteral:
				return !isOfImportOrAssertion(node.parent) && node.getText();
			default:
				return false;
		}
	});
}

/** Where the failure of a listener is written to the console: nobody else is there to be told. */
const COMPLAINING = "src/host/observer.ts:";

/** What is left over from work in progress. */
export function leftovers(): string[] {
	const inShipped = sourcesIn("src", "hosts", "assembly").flatMap((source) =>
		linesWith(source, /\b(TODO|FIXME|XXX)\b|\bconsole\.|\bdebugger\b/),
	);
	const unknown = inShipped.filter((place) => !place.startsWith(COMPLAINING));
	const inTests = sourcesIn("test").flatMap((source) =>
		findings([source], (node) => {
			const isOnly =
				ts.isPropertyAccessExpression(node) && node.name.text === "only";
			return isOnly && node.getText();
		}),
	);
	return [...unknown, ...inTests];
}

/** The error codes that stand as strings in code, with where. */
export function codesUsed(): ReadonlyMap<string, string> {
	return new Map(
		sourcesIn("src", "hosts").flatMap((source) =>
			nodesOf(source.tree)
				.filter(ts.isStringLiteral)
				.filter(({ parent }) => !ts.isLiteralTypeNode(parent))
				.filter(({ text }) => /^ERR_[A-Z_]+$/.test(text))
				.map((node) => [node.text, placeOf(source, node)] as const),
		),
	);
}

/** The codes of the union `StorageErrorCode`. */
export function codesDeclared(): string[] {
	const errors = sourcesIn("src").filter(
		({ path }) => path === "src/errors.ts",
	);
	const unions = errors
		.flatMap(({ tree }) => nodesOf(tree))
		.filter(ts.isTypeAliasDeclaration)
		.filter(({ name }) => name.text === "StorageErrorCode");
	return unions
		.flatMap(nodesOf)
		.filter(ts.isStringLiteral)
		.map(({ text }) => text);
}

function linesWith({ path, text }: Source, words: RegExp): string[] {
	return text
		.split("\n")
		.flatMap((line, index) =>
			words.test(line) ? [`${path}:${index + 1}: ${line.trim()}`] : [],
		);
}

/** A table that the compiler lays out in the module. */
function isStaticData(parent: ts.Node): boolean {
	return (
		ts.isCallExpression(parent) && parent.expression.getText() === "memory.data"
	);
}

function isOfImportOrAssertion(parent: ts.Node): boolean {
	const isAssertion =
		ts.isCallExpression(parent) && parent.expression.getText() === "assert";
	return (
		isAssertion ||
		ts.isImportDeclaration(parent) ||
		ts.isExportDeclaration(parent)
	);
}
