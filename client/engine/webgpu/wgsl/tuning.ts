/** How work is cut for a kind of device: the only numbers to change when tuning. */
export interface Tuning {
  /** Invocations of a workgroup. */
  workgroup: number;
  /** Rows and columns of a matrix product that one invocation computes; multiples of 4. */
  blockRows: number;
  blockColumns: number;
  /** Invocations that may share the sums of a block, and how many terms each is to have at least. */
  sharersMax: number;
  termsMin: number;
  /** Batch rows, and rows of tables, that a workgroup of a row program takes at a time. */
  tileRows: number;
  tableTileRows: number;
  /** Workgroups of a row program for each replica. */
  slotsMax: number;
  usesWorkgroupMemory: boolean;
}

/** Graphics hardware: many small blocks fill it. */
export const HARDWARE: Tuning = {
  workgroup: 64,
  blockRows: 4,
  blockColumns: 4,
  sharersMax: 16,
  termsMin: 16,
  tileRows: 16,
  tableTileRows: 4,
  slotsMax: 256,
  usesWorkgroupMemory: true,
};

/** Software that runs shaders on a processor: loads cost more than arithmetic, so blocks are large. */
export const SOFTWARE: Tuning = {
  workgroup: 8,
  blockRows: 8,
  blockColumns: 8,
  sharersMax: 1,
  termsMin: 1,
  tileRows: 32,
  tableTileRows: 16,
  slotsMax: 64,
  usesWorkgroupMemory: false,
};

/** Vectors of four numbers of workgroup memory in which a workgroup adds up. */
export const sumsSize = ({ workgroup, blockRows, blockColumns, sharersMax }: Tuning): number =>
  sharersMax > 1 ? (workgroup * blockRows * blockColumns) / 4 : workgroup;
