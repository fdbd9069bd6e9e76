import { Page } from '../../../kit/parts.js';
import { Desk } from '../../desk/desk.js';
import { useShellWords } from '../../shell.words.js';
import { Digests } from './digests.js';
import { LogState } from './log-state.js';
import { ParkedEvents } from './parked.js';
import { Rebuild } from './rebuild.js';
import { ServiceParts, Services } from './services.js';

/** How the system is. Positions, hashes and counts: no person, and no way to one. */
export default function Health() {
  const shell = useShellWords();
  return (
    <Page title={shell('health')}>
      <Desk>
        <LogState />
        <ServiceParts />
        <Services />
        <ParkedEvents />
        <Rebuild />
        <Digests />
      </Desk>
    </Page>
  );
}
