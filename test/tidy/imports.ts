import { dirname, join } from "node:path";
import ts from "typescript";
import { nodesOf, type Source, sources } from "./sources.ts";

export interface Import {
	readonly from: string;
	/** A path from the top, or the name of a package. */
	readonly to: string;
	readonly isPackage: boolean;
}

/** What a file imports, re-exports or imports at run time by a literal name. */
function importsOf(source: Source): Import[] {
	return nodesOf(source.tree).flatMap((node) => {
		const specifier = specifierOf(node);
		return specifier === undefined ? [] : [resolve(source.path, specifier)];
	});
}

export const imports: readonly Import[] = sources.flatMap(importsOf);

/** Every file that one of the entries needs, itself or through others. */
export function reachableFrom(entries: readonly string[]): ReadonlySet<string> {
	const reached = new Set(entries);
	for (const path of reached) {
		for (const { from, to, isPackage } of imports) {
			if (from === path && !isPackage) {
				reached.add(to);
			}
		}
	}
	return reached;
}

function specifierOf(node: ts.Node): string | undefined {
	if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) {
		return textOf(node.moduleSpecifier);
	}
	if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
		return textOf(node.argument.literal);
	}
	const isImport =
		ts.isCallExpression(node) &&
		node.expression.kind === ts.SyntaxKind.ImportKeyword;
	return isImport ? textOf(node.arguments[0]) : undefined;
}

function textOf(node: ts.Node | undefined): string | undefined {
	return node !== undefined && ts.isStringLiteral(node) ? node.text : undefined;
}

function resolve(from: string, specifier: string): Import {
	const isPackage = !specifier.startsWith(".");
	const to = isPackage ? specifier : withExtension(from, specifier);
	return { from, to, isPackage };
}

/** asc leaves the extension out. */
function withExtension(from: string, specifier: string): string {
	const path = join(dirname(from), specifier);
	return /\.\w+$/.test(path) ? path : `${path}.ts`;
}
