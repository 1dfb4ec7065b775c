import { describe, expect, it } from 'vitest';
import { changePassphrase, createVault, LEAST_ROUNDS, openVault } from './vault.ts';

describe('the vault', () => {
  it('opens with its passphrase and gives back what was sealed for the same purpose', async () => {
    const { header, vault } = await createVault('correct horse');
    const sealed = await vault.seal('node 1', 'ünï');
    expect(await (await openVault(header, 'correct horse')).open('node 1', sealed)).toBe('ünï');
    await expect(vault.open('node 2', sealed)).rejects.toMatchObject({ code: 'vault-damaged' });
    expect(header.rounds).toBeGreaterThanOrEqual(600_000);
  });
  it('treats the same letters from another keyboard as the same passphrase', async () => {
    const { header } = await createVault('caf\u00e9');
    await openVault(header, 'cafe\u0301');
  });
  it('tells a wrong passphrase from damaged data', async () => {
    const { header } = await createVault('right');
    await expect(openVault(header, 'wrong')).rejects.toMatchObject({ code: 'wrong-passphrase' });
    await expect(openVault(header, '')).rejects.toMatchObject({ code: 'passphrase-empty' });
    const data = header.workingKey.data.slice();
    data[0] = data[0]! ^ 1;
    const damaged = { ...header, workingKey: { ...header.workingKey, data } };
    await expect(openVault(damaged, 'right')).rejects.toMatchObject({ code: 'vault-damaged' });
  });
  it('refuses a header whose rounds were turned down', async () => {
    const { header } = await createVault('right');
    await expect(openVault({ ...header, rounds: LEAST_ROUNDS - 1 }, 'right')).rejects.toMatchObject(
      {
        code: 'vault-damaged',
      },
    );
  });
  it('keeps its contents under a new passphrase, and the old one opens nothing any more', async () => {
    const { header, vault } = await createVault('old');
    const sealed = await vault.seal('x', 'content');
    await expect(changePassphrase(header, 'guess', 'new')).rejects.toMatchObject({
      code: 'wrong-passphrase',
    });
    const changed = await changePassphrase(header, 'old', 'new');
    expect(await (await openVault(changed, 'new')).open('x', sealed)).toBe('content');
    await expect(openVault(changed, 'old')).rejects.toMatchObject({ code: 'wrong-passphrase' });
  });
  it('encrypts the same text differently each time', async () => {
    const { vault } = await createVault('p');
    const [a, b] = [await vault.seal('x', 'same'), await vault.seal('x', 'same')];
    expect(a.nonce).not.toEqual(b.nonce);
    expect(a.data).not.toEqual(b.data);
  });
});
