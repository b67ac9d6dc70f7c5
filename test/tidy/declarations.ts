import ts from "typescript";
import { published } from "./published.ts";

/** Names of the engine's own, none of which a user meets. */
const INTERNAL =
	/\b(?:Core|\w*Arena|Tip|\w*Latch\w*|StoreContext|PagedFile|FrameLease|CacheMemory)\b|[Ee]ngine's use/;
/** A language's own methods need no word. */
const KNOWN = new Set(["[Symbol.asyncDispose]", "[Symbol.dispose]"]);

/** Exported declarations that name a part of the engine, as users' compilers read them. */
export function internalsNamed(): string[] {
	const { declared } = published();
	return declared.filter((node) => INTERNAL.test(node.getText())).map(placeOf);
}

/** Members of exported classes and interfaces that have no doc comment, nor inherit one. */
export function membersWithoutWord(): string[] {
	const { declared, checker } = published();
	return declared.flatMap((node) =>
		membersOf(node)
			.filter(({ name }) => {
				const symbol = name && checker.getSymbolAtLocation(name);
				return symbol?.getDocumentationComment(checker).length === 0;
			})
			.map(({ name }) => `${placeOf(node)}.${name?.getText()}`),
	);
}

function membersOf(node: ts.Declaration): readonly ts.NamedDeclaration[] {
	const isType = ts.isClassDeclaration(node) || ts.isInterfaceDeclaration(node);
	const members: readonly ts.NamedDeclaration[] = isType ? node.members : [];
	return members.filter(
		({ name }) =>
			name !== undefined &&
			!ts.isPrivateIdentifier(name) &&
			!KNOWN.has(name.getText()),
	);
}

function placeOf(node: ts.Declaration): string {
	const { name } = node as ts.NamedDeclaration;
	return `${node.getSourceFile().fileName}: ${name?.getText()}`;
}
