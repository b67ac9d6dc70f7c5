export { exportTo } from "./export.ts";
export { importFrom } from "./import.ts";
export type {
	TransferOptions,
	TransferProgress,
	TransferResult,
} from "./progress.ts";
