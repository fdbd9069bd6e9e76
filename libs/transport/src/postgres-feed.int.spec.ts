import { feedConformance } from './feed-conformance.js';
import { PostgresFeed } from './postgres-feed.js';

describe('the sealed feed straight from PostgreSQL', () => {
  feedConformance((log) =>
    Promise.resolve({
      name: 'postgres',
      feed: () => Promise.resolve(new PostgresFeed(log.reader)),
      redeliver: async () => {
        await log.db.pool.query('notify attesta_sealed');
      },
      close: () => Promise.resolve(),
    }),
  );
});
