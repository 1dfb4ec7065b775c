import { describe, expect, it } from 'vitest';
import { choiceFor, passwordFault, ssidFault } from './router-setting.ts';

describe('a router in the settings', () => {
  it('has a name of 1 to 32 bytes of UTF-8', () => {
    expect(ssidFault('')).not.toBe('');
    expect(ssidFault('x')).toBe('');
    expect(ssidFault('ü'.repeat(16))).toBe('');
    expect(ssidFault('ü'.repeat(17))).toContain('34 bytes');
  });

  it('has a password of 8 to 63 bytes, or none', () => {
    expect(passwordFault('')).toBe('');
    expect(passwordFault('1234567')).not.toBe('');
    expect(passwordFault('12345678')).toBe('');
    expect(passwordFault('p'.repeat(63))).toBe('');
    expect(passwordFault('p'.repeat(64))).not.toBe('');
  });

  it('brings its part of the firmware to the boards, even where that was switched off by hand', () => {
    const choice = { profile: 'default', features: { ROUTER: false, X: 3 }, application: null };
    expect(choiceFor(choice, null)).toBe(choice);
    expect(choiceFor(choice, { ssid: 'home', hasPassword: true }).features).toEqual({
      ROUTER: true,
      X: 3,
    });
  });
});
