import { LinkError } from '../link/link-error.ts';
import { type FlashCode, FlashError, flashErrorOfLink } from './flash-error.ts';
import type { LoaderTransport } from './loader-transport.ts';

/** Turns whatever the library or the port threw into a worded error. */
export function flashErrorOf(
  error: unknown,
  transport: LoaderTransport,
  otherwise: FlashCode,
  where: string,
): FlashError {
  if (error instanceof FlashError) return error;
  if (transport.lost instanceof FlashError) return transport.lost;
  if (transport.lost instanceof LinkError) return flashErrorOfLink(transport.lost);
  if (error instanceof LinkError) return flashErrorOfLink(error);
  const text = error instanceof Error ? error.message : String(error);
  return new FlashError(otherwise, `${where}: ${text}`, error);
}
