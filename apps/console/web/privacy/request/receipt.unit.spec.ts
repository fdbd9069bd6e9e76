import { readCode, readReceipt, receiptLink, receiptNumber } from './receipt.js';

const receipt = { request: '0190d3c2-0000-4000-8000-00000000000a', secret: 'Ab_-56789012345678901234567890Zz' };

describe('a receipt', () => {
  test.each([
    ['its number', receiptNumber(receipt)],
    ['its link', receiptLink('https://privacy.example', receipt)],
    ['the words around it', `Receipt number:\n  ${receiptNumber(receipt)}\nKeep it.`],
    ['a capital id', receiptNumber({ ...receipt, request: receipt.request.toUpperCase() })],
  ])('is read from %s', (_what, text) => expect(readReceipt(text)).toEqual(receipt));

  test('is read from the secret alone where the request is known', () => {
    expect(readReceipt(` ${receipt.secret} `, receipt.request)).toEqual(receipt);
    expect(readReceipt(receipt.secret)).toBeUndefined();
  });

  test.each(['', 'REQ-1', receipt.request, `${receipt.request}.short`])('is not read from %p', (text) =>
    expect(readReceipt(text)).toBeUndefined(),
  );

  test('its secret is in the fragment of the link', () => {
    const link = new URL(receiptLink('https://privacy.example', receipt));
    expect([link.pathname, link.search, link.hash]).toEqual([`/privacy/request/${receipt.request}`, '', `#${receipt.secret}`]);
  });
});

describe('a code', () => {
  test.each(['493027', '493 027', ' 4-9-3-0-2-7 ', '๔๙๓๐๒๗', '４９３０２７'])('%p is 493027', (text) =>
    expect(readCode(text)).toBe('493027'),
  );
  test.each(['', '49302', '4930277', 'abcdef'])('%p is none', (text) => expect(readCode(text)).toBeUndefined());
});
