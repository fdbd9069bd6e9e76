import { authenticationOf } from './mail-authentication.js';

const FROM = 'somchai@mail.example';
const of = (...headers: string[]) => authenticationOf(headers, ['MX.shop.example'], FROM);

describe('what the receiving system found out', () => {
  it.each([
    ['mx.shop.example; dmarc=pass header.from=mail.example', 'pass'],
    ['mx.shop.example 1; dmarc=pass (p=none dis=none) header.from=Mail.Example', 'pass'],
    ['mx.shop.example; spf=fail smtp.mailfrom=x@list.example; dmarc=pass header.from=mail.example', 'pass'],
    ['mx.shop.example; dmarc=fail header.from=mail.example; dkim=pass header.d=mail.example', 'fail'],
    ['mx.shop.example; dmarc=pass header.from=other.example', 'fail'],
    ['mx.shop.example; dmarc=temperror header.from=mail.example', 'fail'],
    ['mx.shop.example; dmarc=none header.from=mail.example; dkim=pass header.d=mail.example', 'pass'],
    ['mx.shop.example; dkim=pass header.d=mail.example header.s=s1', 'pass'],
    ['mx.shop.example; dkim=pass header.i=@mail.example', 'pass'],
    ['mx.shop.example; dkim=pass header.d=evil.example', 'none'],
    ['mx.shop.example; dkim=pass header.d=example', 'none'],
    ['mx.shop.example; dkim=pass header.d=il.example', 'none'],
    ['mx.shop.example; dkim=fail reason="bad; dkim=pass" header.d=mail.example', 'fail'],
    ['mx.shop.example; spf = pass smtp.mailfrom = somchai@mail.example', 'pass'],
    ['mx.shop.example; spf=pass smtp.mailfrom=bounce@evil.example', 'none'],
    ['mx.shop.example; spf=softfail smtp.mailfrom=somchai@mail.example', 'fail'],
    ['mx.shop.example; spf=fail (a comment; dmarc=pass header.from=mail.example) smtp.mailfrom=a@b.example', 'fail'],
    ['mx.shop.example; none', 'none'],
    ['mx.evil.example; dmarc=pass header.from=mail.example', 'none'],
    ['', 'none'],
  ])('%s: %s', (header, expected) => {
    expect(of(header)).toBe(expected);
  });

  it('takes the topmost header of a trusted name: those below came with the message', () => {
    const forged = 'mx.shop.example; dmarc=pass header.from=mail.example';
    expect(of('mx.shop.example; dmarc=fail header.from=mail.example', forged)).toBe('fail');
    expect(of('mx.elsewhere.example; dmarc=fail header.from=mail.example', forged)).toBe('pass');
  });

  it('believes nobody where nobody is trusted', () => {
    expect(authenticationOf(['mx.shop.example; dmarc=pass'], [], FROM)).toBe('none');
  });

  it('reads a domain above the sender’s own as the sender’s', () => {
    const header = ['mx.shop.example; dkim=pass header.d=mail.example'];
    expect(authenticationOf(header, ['mx.shop.example'], 'a@eu.mail.example')).toBe('pass');
    expect(authenticationOf(header, ['mx.shop.example'], 'a@notmail.example')).toBe('none');
  });
});
