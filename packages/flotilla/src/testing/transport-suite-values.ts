import assert from 'node:assert/strict';
import { it } from 'node:test';
import { type OpenTransport, openSetting } from './transport-suite-setting.ts';

/** What travels is plain JSON data, and a copy of it. */
export function valuesTravelAsJson(open: OpenTransport): void {
  it('shares no object with the far side, neither input nor output', async () => {
    await using setting = await openSetting(open);
    const input = { list: [{ deep: 1 }] };
    const output = (await setting.send('echo', input)) as typeof input;
    const arrived = setting.far.calls[0]!.input as typeof input;
    output.list[0]!.deep = 2;
    arrived.list[0]!.deep = 3;
    assert.deepEqual(input, { list: [{ deep: 1 }] });
    assert.deepEqual(output, { list: [{ deep: 2 }] });
  });

  const values: [what: string, sent: unknown, arrives: unknown][] = [
    ['nothing', undefined, undefined],
    ['null', null, null],
    ['false', false, false],
    ['an empty text', '', ''],
    ['text of all kinds', 'ä\u0000\u2028😀\ud800', 'ä\u0000\u2028😀\ud800'],
    ['a date as text', new Date(0), '1970-01-01T00:00:00.000Z'],
    ['no number as null', { nan: NaN, infinite: -Infinity }, { nan: null, infinite: null }],
    ['undefined members not at all, undefined items as null', { gone: undefined, list: [undefined] }, { list: [null] }],
    ['maps and sets as empty objects', [new Map([[1, 2]]), new Set([1])], [{}, {}]],
    ['big and small numbers', [2 ** 53, 1e300, -0.1], [2 ** 53, 1e300, -0.1]],
  ];
  for (const [what, sent, arrives] of values) {
    it(`carries ${what}`, async () => {
      await using setting = await openSetting(open);
      assert.deepEqual(await setting.send('echo', sent), arrives);
      assert.deepEqual(setting.far.calls[0]!.input, arrives);
    });
  }
}

/** Inputs have no size or number that a transport mixes up or chokes on. */
export function inputsKeepTheirMeasure(open: OpenTransport, limits: { refusesLargeInputs: boolean }): void {
  it('refuses an input without a JSON form before anything is sent', async () => {
    await using setting = await openSetting(open);
    await assert.rejects(setting.send('echo', { big: 1n }), { code: 'INPUT_NOT_JSON', kind: 'invalid' });
    assert.equal(setting.far.calls.length, 0);
  });

  it('keeps concurrent calls apart', async () => {
    await using setting = await openSetting(open);
    const numbers = Array.from({ length: 200 }, (_, index) => index);
    assert.deepEqual(
      await Promise.all(numbers.map((number) => setting.send('echo', { number }))),
      numbers.map((number) => ({ number })),
    );
  });

  it('carries half a megabyte', async () => {
    await using setting = await openSetting(open);
    const text = 'ä'.repeat(256 * 1024);
    assert.equal(await setting.send('echo', text), text);
  });

  it('refuses an input that is too large', { skip: !limits.refusesLargeInputs && 'it never leaves the process' }, async () => {
    await using setting = await openSetting(open);
    await assert.rejects(setting.send('echo', 'a'.repeat(2 * 1024 * 1024)), { code: 'BODY_TOO_LARGE', kind: 'invalid' });
    assert.equal(setting.far.calls.length, 0);
  });
}
