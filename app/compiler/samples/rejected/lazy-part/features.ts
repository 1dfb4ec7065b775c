export const LAZY_PARTS = ['part.ts'];
