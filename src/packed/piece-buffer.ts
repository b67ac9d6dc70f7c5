/** Linear memory for what is read of a file, piece by piece. */
export interface PieceBuffer {
	readonly address: number;
	readonly length: number;
}
