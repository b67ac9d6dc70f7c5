import ts from "typescript";
import { published } from "./published.ts";
import { nodesOf } from "./sources.ts";

/** Names of the engine's own, none of which a user meets. */
const INTERNAL =
	/^(?:Core|\w*Arena|Tip|\w*Latch\w*|StoreContext|PagedFile|FrameLease|CacheMemory|Sections|(?:Open|Entry|Variable|Oversized|Value)Section|\w*Form|\w*Partition|ReplaySource)$/;
/** A language's own methods need no word. */
const KNOWN = new Set([
	"[Symbol.asyncDispose]",
	"[Symbol.asyncIterator]",
	"[Symbol.dispose]",
]);

/** Exported declarations that name a part of the engine, as users' compilers read them. */
export function internalsNamed(): string[] {
	const { declared, checker } = published();
	const all = new Set(declared.flatMap((node) => withBases(node, checker)));
	return [...all].filter(namesInternal).map(placeOf);
}

/** Members of exported classes and interfaces that have no doc comment, nor inherit one. */
export function membersWithoutWord(): string[] {
	const { declared, checker } = published();
	const all = new Set(declared.flatMap((node) => withBases(node, checker)));
	return [...all].flatMap((node) =>
		membersOf(node)
			.filter(({ name }) => {
				const symbol = name && checker.getSymbolAtLocation(name);
				return symbol?.getDocumentationComment(checker).length === 0;
			})
			.map(({ name }) => `${placeOf(node)}.${name?.getText()}`),
	);
}

function namesInternal(node: ts.Declaration): boolean {
	const names = nodesOf(node).filter(ts.isIdentifier);
	return (
		names.some(({ text }) => INTERNAL.test(text)) ||
		/[Ee]ngine's use/.test(node.getText())
	);
}

/** A declaration, and those of dualslot's that it inherits from. */
function withBases(
	node: ts.Declaration,
	checker: ts.TypeChecker,
): readonly ts.Declaration[] {
	const isType = ts.isClassDeclaration(node) || ts.isInterfaceDeclaration(node);
	const clauses = isType ? (node.heritageClauses ?? []) : [];
	const bases = clauses
		.flatMap(({ types }) => types)
		.flatMap((type) => {
			const { symbol } = checker.getTypeAtLocation(type);
			return symbol?.declarations ?? [];
		})
		.filter((base) => base.getSourceFile().fileName.includes("build/types"));
	return [node, ...bases.flatMap((base) => withBases(base, checker))];
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
