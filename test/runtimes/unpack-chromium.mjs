// TMPDIR=directory AWS_EXECUTION_ENV=… node unpack-chromium.mjs: unpacks the browser, its fonts and its libraries there.
import chromium from "@sparticuz/chromium";

await chromium.executablePath();
