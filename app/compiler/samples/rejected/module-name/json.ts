export const a = [1].length;
