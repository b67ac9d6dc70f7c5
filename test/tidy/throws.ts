import ts from "typescript";
import { published } from "./published.ts";
import { codesDeclared } from "./words.ts";

/** What users write themselves, and wrappers of it: it throws what the system, or the user, has. */
const OF_USERS =
	/^(?:Host(?:File|Lock)?|[A-Z]\w+Host|Codec|FixedCodec|Reader|Writer|Zstd)$/;
/** Calls that throw nothing, whose docstrings need not say so. */
const THROWS_NOTHING = new Set([
	...["FixedJournal.sections", "VariableJournal.sections"],
	...["OversizedJournal.sections", "Glob.sections"],
	...["FixedJournal.oldestSection", "FixedJournal.newestSection"],
	...["VariableJournal.oldestSection", "VariableJournal.newestSection"],
	...["OversizedJournal.oldestSection", "OversizedJournal.newestSection"],
	...["Glob.oldestSection", "Glob.newestSection"],
	...["EntryReplay.return", "ItemReplay.return"],
	...["ItemBatch.payload", "ItemBatch.size", "ItemBatch.offset"],
	...[
		"PairReplay.return",
		"ItemBatch.from",
		"Frame.release",
		"PageCache.close",
	],
	...["PagedBlob.trySize", "Storage.stats", "PackedStore.stats"],
	...["formatStats", "memoryHost", "option", "tuple"],
	"StorageError.__constructor",
]);
/** A language's own members, and JSON's, which do as another member does. */
const OF_LANGUAGE = /\.(?:\[\w+\]|toJSON)$/;

/** Callable things of what is exported whose docstring has no `@throws`, nor throw nothing. */
export function withoutThrows(): string[] {
	return callables()
		.filter(({ tags }) => tags.length === 0)
		.map(({ place }) => place)
		.filter((place) => !THROWS_NOTHING.has(place) && !OF_LANGUAGE.test(place));
}

/** `@throws` that say neither a kind of error, nor of a StorageError a code that there is. */
export function strayThrows(): string[] {
	const codes = new Set(codesDeclared());
	return callables().flatMap(({ place, tags }) =>
		tags
			.filter((text) => !isKnown(text, codes))
			.map((text) => `${place}: ${text}`),
	);
}

/** Names of THROWS_NOTHING that throw something by now, or are gone. */
export function wrongExceptions(): string[] {
	const silent = callables().filter(({ tags }) => tags.length === 0);
	const places = new Set(silent.map(({ place }) => place));
	return [...THROWS_NOTHING].filter((place) => !places.has(place));
}

interface Callable {
	/** As `FixedJournal.append`. */
	readonly place: string;
	/** The texts behind `@throws`. */
	readonly tags: readonly string[];
}

function callables(): Callable[] {
	const { symbols, checker } = published();
	return symbols
		.filter(({ name }) => !OF_USERS.test(name))
		.flatMap((symbol) => callablesOf(symbol, checker));
}

function callablesOf(symbol: ts.Symbol, checker: ts.TypeChecker): Callable[] {
	if (symbol.flags & ts.SymbolFlags.Function) {
		return [{ place: symbol.name, tags: throwsOf(symbol, checker) }];
	}
	const ofInstance = checker.getDeclaredTypeOfSymbol(symbol).getProperties();
	const ofClass = [...(symbol.exports?.values() ?? [])];
	const constructors = [...(symbol.members?.values() ?? [])].filter(
		({ flags }) => flags & ts.SymbolFlags.Constructor,
	);
	return [...ofInstance, ...ofClass, ...constructors]
		.filter((member) => isCalled(member))
		.map((member) => ({
			place: `${symbol.name}.${member.name.replace(/^__@(\w+)@.*/, "[$1]")}`,
			tags: throwsOf(member, checker),
		}));
}

function isCalled({ flags, declarations = [] }: ts.Symbol): boolean {
	const isOwn = declarations.every((node) =>
		node.getSourceFile().fileName.includes("build/types"),
	);
	const hidden = ts.ModifierFlags.Private | ts.ModifierFlags.Protected;
	const isHidden = declarations.some(
		(node) => ts.getCombinedModifierFlags(node) & hidden,
	);
	const kinds =
		ts.SymbolFlags.Method |
		ts.SymbolFlags.Function |
		ts.SymbolFlags.Constructor;
	return (flags & kinds) !== 0 && isOwn && !isHidden;
}

function throwsOf(symbol: ts.Symbol, checker: ts.TypeChecker): string[] {
	return symbol
		.getJsDocTags(checker)
		.filter(({ name }) => name === "throws")
		.map(({ text }) => ts.displayPartsToString(text));
}

function isKnown(text: string, codes: ReadonlySet<string>): boolean {
	const [, kind] = /^\{(\w+)\} /.exec(text) ?? [];
	const named = [...text.matchAll(/ERR_[A-Z_]+/g)].map(([code]) => code);
	const isCoded = named.length > 0 && named.every((code) => codes.has(code));
	return kind === "StorageError"
		? isCoded
		: kind === "TypeError" || kind === "RangeError";
}
