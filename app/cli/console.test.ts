import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { bytesToHex, utf8 } from '../base/bytes.ts';
import { sha256 } from '../base/digest.ts';
import { parseInvocation } from './command.ts';
import { command } from './console.ts';

it('prints a board’s traceback in terms of the sources of a build', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'console-'));
  const mpy = utf8('the module');
  const module = {
    name: 'board_main',
    source: 'board/main.ts',
    file: 'board_main.mpy',
    sizeBytes: mpy.length,
    sha256: bytesToHex(sha256(mpy)),
    lineMap: [0, 5, 6, 11, 12],
    parts: [
      { fromLine: 1, path: '' },
      { fromLine: 2, path: 'mesh/table.ts' },
      { fromLine: 4, path: 'board/main.ts' },
    ],
  };
  await writeFile(join(folder, module.file), mpy);
  await writeFile(join(folder, 'manifest.json'), JSON.stringify({ format: 1, modules: [module] }));
  const server = createServer((socket) => {
    socket.end(
      'Traceback (most recent call last):\r\n  File "board_main.py", line 5, in step\r\n' +
        '  File "board_main.py", line 3, in add\r\nValueError: no\r\n',
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const lines: string[] = [];
  const out = (text: string): void => void lines.push(text);
  const args = ['--connect', `127.0.0.1:${(server.address() as AddressInfo).port}`];
  try {
    await command
      .run(
        parseInvocation(
          command,
          [...args, '--build', folder, '--seconds', '5'],
          { out, err: out },
          new AbortController().signal,
        ),
      )
      .catch(() => undefined);
  } finally {
    server.close();
    await rm(folder, { recursive: true });
  }
  expect(lines).toContain('  File "board/main.ts", line 12, in step');
  expect(lines).toContain('  File "mesh/table.ts", line 6, in add');
});

it('says that no answer came in the time that was given, and to give more', async () => {
  const server = createServer((socket) => socket.on('error', () => undefined));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const quiet = (): void => undefined;
  const asked = command.run(
    parseInvocation(
      command,
      ['--connect', address, '--send', '{"t":"stats"}', '--seconds', '0.2'],
      { out: quiet, err: quiet },
      new AbortController().signal,
    ),
  );
  await expect(asked).rejects.toThrow(/no answer within 0\.2 s: .* more --seconds/);
  server.close();
});
