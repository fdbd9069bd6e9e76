import { listOf, markup, Markup, tableOf } from './package-markup.js';

describe('markup', () => {
  it('escapes what it is given, in text and in attributes, and nothing twice', () => {
    expect(markup`<a title="${`"'\`<>&`}">${'<b>'}</a>`.text).toBe('<a title="&#34;&#39;&#96;&#60;&#62;&#38;">&#60;b&#62;</a>');
    expect(markup`<p>${markup`<i>${'&'}</i>`}${new Markup('<br>')}</p>`.text).toBe('<p><i>&#38;</i><br></p>');
  });

  it('takes lists, numbers and nothing', () => {
    expect(markup`${['a', 1, undefined, [markup`<b>`]]}${undefined}`.text).toBe('a1<b>');
  });

  it('makes tables and lists of text', () => {
    expect(tableOf({ head: ['<h>'], rows: [['<c>'], [undefined]] }).text).toBe(
      '<div class="wide"><table><thead><tr><th scope="col">&#60;h&#62;</th></tr></thead><tbody><tr><td>&#60;c&#62;</td></tr>\n<tr><td></td></tr>\n</tbody></table></div>',
    );
    expect(listOf(['<a>']).text).toBe('&#60;a&#62;');
    expect(listOf(['a', 'b']).text).toBe('<ul><li>a</li><li>b</li></ul>');
  });
});
