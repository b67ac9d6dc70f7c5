import { join } from "node:path";
import ts from "typescript";

const TYPES = "build/types";
/** The modules that users import, by the name that they import. */
const ENTRIES: Readonly<Record<string, string>> = {
	dualslot: "src/index.d.ts",
	"dualslot/metrics": "src/host/format-stats.d.ts",
	"dualslot/transfer": "src/transfer/index.d.ts",
	"dualslot/node": "hosts/node.d.ts",
	"dualslot/deno": "hosts/deno.d.ts",
	"dualslot/opfs": "hosts/opfs.d.ts",
	"dualslot/opfs-worker": "hosts/opfs-worker.d.ts",
	"dualslot/memory": "hosts/memory.d.ts",
};

/** What users' compilers read. */
export interface Published {
	/** `entry: name` of each export. */
	readonly exports: readonly string[];
	/** What is exported, and in a namespace, under whatever name. */
	readonly symbols: readonly ts.Symbol[];
	readonly declared: readonly ts.Declaration[];
	readonly checker: ts.TypeChecker;
}

let read: Published | undefined;

/** As the last build has left it. */
export function published(): Published {
	read ??= readPublished();
	return read;
}

function readPublished(): Published {
	const program = ts.createProgram(
		Object.values(ENTRIES).map((path) => join(TYPES, path)),
		{
			noEmit: true,
			skipLibCheck: true,
			module: ts.ModuleKind.NodeNext,
			moduleResolution: ts.ModuleResolutionKind.NodeNext,
		},
	);
	const checker = program.getTypeChecker();
	const exported = Object.entries(ENTRIES).flatMap(([entry, path]) => {
		const source = program.getSourceFile(join(TYPES, path));
		const module = source && checker.getSymbolAtLocation(source);
		const symbols = module && checker.getExportsOfModule(module);
		return (symbols ?? []).map((symbol) => ({ entry, symbol }));
	});
	const named = exported.map(({ symbol }) => behindAlias(symbol, checker));
	const symbols = [
		...new Set(named.flatMap((symbol) => withMembers(symbol, checker))),
	];
	const all = symbols.flatMap(({ declarations }) => declarations ?? []);
	return {
		exports: exported.map(({ entry, symbol }) => `${entry}: ${symbol.name}`),
		symbols,
		declared: [...new Set(all)].filter((node) => !ts.isSourceFile(node)),
		checker,
	};
}

function behindAlias(symbol: ts.Symbol, checker: ts.TypeChecker): ts.Symbol {
	const isAlias = (symbol.flags & ts.SymbolFlags.Alias) !== 0;
	return isAlias ? checker.getAliasedSymbol(symbol) : symbol;
}

/** Of a namespace, what is exported from it too. */
function withMembers(
	symbol: ts.Symbol,
	checker: ts.TypeChecker,
): readonly ts.Symbol[] {
	const isNamespace = (symbol.flags & ts.SymbolFlags.ValueModule) !== 0;
	const members = isNamespace ? checker.getExportsOfModule(symbol) : [];
	return [symbol, ...members.map((member) => behindAlias(member, checker))];
}
