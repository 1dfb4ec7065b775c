export { area as renamed } from './other-file.ts';
