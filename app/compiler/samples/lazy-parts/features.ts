/** Loaded when one of their functions is called. */
export const LAZY_PARTS = ['job/work.ts', 'job/other.ts'];
