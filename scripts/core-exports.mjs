import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import ts from "typescript";

/** How JavaScript sees what assembly/ has. */
const AS_JAVASCRIPT = {
	usize: "number",
	u32: "number",
	i32: "number",
	f64: "number",
	bool: "number",
	void: "void",
};
const COLUMNS = 80;

/** The text of src/core/exports.ts: what assembly/index.ts exports, in its order. */
export function coreExports() {
	const calls = callsOf("assembly/index.ts");
	return `// Made by scripts/build.mjs from assembly/index.ts.

/** The calls of the core, and its memory, as JavaScript sees them: u32 results come back signed. */
export type CoreExports = {
	readonly memory: WebAssembly.Memory;
${calls.map(signatureOf).join("\n")}
};

/** The names of the calls. */
export const CORE_CALLS = [
${calls.map(({ name }) => `\t"${name}",`).join("\n")}
] as const;
`;
}

/** Each export of a file that hands on those of others, with where it is declared. */
function callsOf(path) {
	return parse(path)
		.statements.filter(ts.isExportDeclaration)
		.flatMap(({ exportClause, moduleSpecifier }) => {
			const source = parse(join(dirname(path), `${moduleSpecifier.text}.ts`));
			return exportClause.elements.map(({ name }) => callIn(source, name.text));
		});
}

function callIn(source, name) {
	const declared = source.statements.find(
		(node) => ts.isFunctionDeclaration(node) && node.name.text === name,
	);
	const parameters = declared.parameters.map(
		(parameter) => `${parameter.name.text}: ${typeIn(source, parameter.type)}`,
	);
	return { name, parameters, result: typeIn(source, declared.type) };
}

function typeIn(source, node) {
	const type = AS_JAVASCRIPT[node.getText(source)];
	if (type === undefined) {
		throw new Error(`${source.fileName}: ${node.getText(source)} is no number`);
	}
	return type;
}

/** On one line, or, where that is too long, a line for each parameter. */
function signatureOf({ name, parameters, result }) {
	const line = `${name}(${parameters.join(", ")}): ${result};`;
	// A tab counts two.
	return line.length + 2 <= COLUMNS
		? `\t${line}`
		: `\t${name}(\n${parameters.map((one) => `\t\t${one},\n`).join("")}\t): ${result};`;
}

function parse(path) {
	const text = readFileSync(path, "utf8");
	return ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
}
