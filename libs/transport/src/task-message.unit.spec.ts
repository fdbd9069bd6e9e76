import { readTaskMessage, taskMessage, type TaskNotice } from './task-message.js';

const notice: TaskNotice = {
  task: '5d1f0e0c-9a1b-4f57-8b3e-2f6a3d0c9e21',
  request: '0b9f5a3e-4a55-4c1e-9a52-6f1f3c0a7d11',
  system: 'storefront',
  kind: 'erasure',
};
const message = (key: string | null, value: string | null) => ({
  key: key === null ? null : Buffer.from(key),
  value: value === null ? null : Buffer.from(value),
});

describe('the message of a task', () => {
  it('says four things, and nothing else that the sender knew', () => {
    const sent = taskMessage(
      { ...notice, categories: ['health'], identifiers: [{ scheme: 'email', value: 'p@planted.example' }] } as TaskNotice,
      2,
    );
    expect(sent).toMatchObject({ key: 'storefront', partition: 2 });
    expect(JSON.parse(sent.value)).toEqual(notice);
    expect(readTaskMessage(message(sent.key, sent.value))).toEqual(notice);
  });

  it('names the disposal where there is no request', () => {
    const { request, ...rest } = notice;
    const ofDisposal = { ...rest, disposal: request! };
    const { key, value } = taskMessage(ofDisposal, 0);
    expect(JSON.parse(value)).toEqual(ofDisposal);
    expect(readTaskMessage(message(key, value))).toEqual(ofDisposal);
  });

  it.each([
    ['nothing', message('storefront', null)],
    ['no JSON', message('storefront', '{"task"')],
    ['null', message('storefront', 'null')],
    ['no object', message('storefront', '"task"')],
    ['a member too few', message('storefront', JSON.stringify({ ...notice, kind: undefined }))],
    ['neither request nor disposal', message('storefront', JSON.stringify({ ...notice, request: undefined }))],
    ['both of them', message('storefront', JSON.stringify({ ...notice, disposal: notice.request }))],
    ['a member of another type', message('storefront', JSON.stringify({ ...notice, task: 7 }))],
    ["another system's key", message('newsletter', JSON.stringify(notice))],
    ['no key', message(null, JSON.stringify(notice))],
  ])('is none where the record holds %s', (_what, record) => {
    expect(readTaskMessage(record)).toBeUndefined();
  });
});
