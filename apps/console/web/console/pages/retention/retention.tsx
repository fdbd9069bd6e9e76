import { Route, Routes } from 'react-router';
import { Page } from '../../../kit/parts.js';
import { Tabs } from '../../desk/tabs.js';
import { useShellWords } from '../../shell.words.js';
import { Backlog } from './backlog.js';
import { DisposalTasks } from './disposal-tasks.js';
import { Disposals } from './disposals.js';
import { Holds } from './holds.js';
import { useRetentionWords } from './retention.words.js';
import { Reviews } from './reviews.js';

export default function Retention() {
  const say = useRetentionWords();
  const shell = useShellWords();
  return (
    <Page title={shell('retention')}>
      <Tabs
        label={say('parts')}
        of={[
          ['/retention', say('backlog')],
          ['/retention/disposals', say('disposals')],
          ['/retention/tasks', say('tasks')],
          ['/retention/holds', say('holds')],
          ['/retention/reviews', say('reviews')],
        ]}
      />
      <Routes>
        <Route index element={<Backlog />} />
        <Route path="disposals" element={<Disposals />} />
        <Route path="tasks" element={<DisposalTasks />} />
        <Route path="holds" element={<Holds />} />
        <Route path="reviews" element={<Reviews />} />
      </Routes>
    </Page>
  );
}
