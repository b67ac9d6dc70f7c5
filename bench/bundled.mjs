import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** Imports a source of the tests. Node runs no TypeScript, hence the bundle, which is told where its source lies. */
export async function bundled(source) {
	const { outputFiles } = await build({
		entryPoints: [fileURLToPath(source)],
		write: false,
		bundle: true,
		format: "esm",
		platform: "node",
		define: { "import.meta.url": JSON.stringify(source.href) },
		logLevel: "warning",
	});
	const script = encodeURIComponent(outputFiles[0].text);
	return import(`data:text/javascript,${script}`);
}
