export { both, code, en, heading, paragraph, row, th, title, type Bilingual, type Block, type Line } from './blocks.js';
export { htmlOf } from './html.js';
export { pdfOf, type Paper } from './paper.js';
