/** The phases of a build, in their order. In a file of its own: whoever shows them need not load the compiler. */
export const COMPILE_STAGES = ['read', 'types', 'check', 'lower', 'bytecode'] as const;
export type CompileStage = (typeof COMPILE_STAGES)[number];
