import { build } from "esbuild";

const DIRECTORY = "node_modules/.cache/dualslot/bench";

/** Makes one script of the sources that lie beside this one, and answers its path. */
export async function bundled(name: string): Promise<string> {
	const outfile = `${DIRECTORY}/${name}.mjs`;
	await build({
		entryPoints: [`bench/runtimes/${name}.ts`],
		outfile,
		bundle: true,
		format: "esm",
		platform: "node",
		packages: "external",
		logLevel: "warning",
	});
	return outfile;
}
