import './registers.css';
import { Alert } from 'antd';
import { Link, Route, Routes, useParams } from 'react-router';
import { Nothing, Page } from '../../../kit/parts.js';
import { useAddress } from '../../address.js';
import { ReasonForm } from '../../reason-form.js';
import { giveReason, useReason } from '../../reasons.js';
import { useShellWords } from '../../shell.words.js';
import { Filters } from './filters.js';
import { ProcessingActivities } from './processing-activities.js';
import { isPerson, isRegister, parametersOf, REGISTER_NAMES, REGISTERS } from './register-list.js';
import { RegisterTable } from './register-table.js';
import type { RegisterName } from './register-rows.js';
import { useRegisterWords } from './registers.words.js';
import { SourceCounts } from './source-counts.js';

export default function Registers() {
  return (
    <Routes>
      <Route index element={<All />} />
      <Route path="activities" element={<ProcessingActivities />} />
      <Route path=":name" element={<One />} />
    </Routes>
  );
}

function All() {
  const shell = useShellWords();
  const say = useRegisterWords();
  return (
    <Page title={shell('registers')}>
      <ul className="cards plain-list">
        {[...REGISTER_NAMES, 'activities' as const].map((name) => (
          <li key={name} className="card">
            <h2>
              <Link to={`/registers/${name}`}>{say(name)}</Link>
            </h2>
            {say(`${name}About`)}
          </li>
        ))}
      </ul>
    </Page>
  );
}

function One() {
  const shell = useShellWords();
  const { name } = useParams();
  const say = useRegisterWords();
  if (!isRegister(name)) {
    return (
      <Page title={shell('notFound')}>
        <Nothing>{shell('notFound')}</Nothing>
      </Page>
    );
  }
  return (
    <Page title={say(name)} extra={<Link to="/registers">{say('all')}</Link>}>
      <p>{say(`${name}About`)}</p>
      <Filters of={REGISTERS[name]} />
      {name === 'sources' && <SourceCounts />}
      <Filtered name={name} />
    </Page>
  );
}

function Filtered({ name }: { name: RegisterName }) {
  const say = useRegisterWords();
  const definition = REGISTERS[name];
  const [address] = useAddress('subject', ...definition.filters.map((filter) => filter.name));
  const subject = definition.personal ? address.subject?.toLowerCase() : undefined;
  const reason = useReason(subject);
  const params = parametersOf(definition, address);
  if (subject === undefined) return <RegisterTable name={name} params={params} />;
  if (!isPerson(subject)) return <Alert type="error" role="alert" title={say('bad')} />;
  if (reason === undefined) {
    return (
      <>
        <p>{say('personNamed')}</p>
        <ReasonForm onReason={(given) => giveReason(subject, given)} />
      </>
    );
  }
  return <RegisterTable name={name} params={{ ...params, subject, reason }} />;
}
